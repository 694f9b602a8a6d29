using System.Xml.Linq;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>An AiModel item of a test project: its include and metadata.</summary>
internal sealed class AiModelItem(string include)
{
    private readonly Dictionary<string, string> metadata = [];

    public string Include { get; set; } = include;

    public string this[string name]
    {
        set => metadata[name] = value;
    }

    public AiModelItem With(string name, string value)
    {
        this[name] = value;
        return this;
    }

    /// <param name="device">The Device where the item names none; null adds none.</param>
    public XElement ToXml(string? device) =>
        new("AiModel", new XAttribute("Include", Include), (device is null || metadata.ContainsKey("Device") ? metadata : metadata.Append(new("Device", device))).Select(entry => new XAttribute(entry.Key, entry.Value)));
}
