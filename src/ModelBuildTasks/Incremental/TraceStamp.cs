using System.Text;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Items;

namespace ModelBuildTasks.Incremental;

/// <summary>Which result a trace belongs to, remembered in its folder: a result that was made without a trace leaves an older one behind.</summary>
internal static class TraceStamp
{
    /// <summary>Whether the trace is there and tells of the result of this stamp.</summary>
    public static bool Matches(ModelItem item, Stamp result) => File.Exists(PathOf(item)) && File.ReadAllText(PathOf(item)) == Identity(result);

    /// <summary>Writes the stamp; last, since a trace without it was not finished.</summary>
    public static void Write(ModelItem item, Stamp result) => AtomicFile.Write(PathOf(item), stream => stream.Write(Encoding.UTF8.GetBytes(Identity(result))));

    private static string PathOf(ModelItem item) => Path.Combine(item.TraceFolder, ".stamp");

    // Contents, no times and no paths: a touch makes no trace anew, and the file is the same on every machine.
    private static string Identity(Stamp result)
    {
        var texts = new List<string> { result.Options, result.Model.Hash, result.Output.Hash };
        foreach (var state in result.ExternalData)
        {
            texts.Add(state.Hash);
        }

        texts.Add("data");
        foreach (var state in result.Data)
        {
            texts.Add(state.Hash);
        }

        return ContentHash.OfTexts(texts);
    }
}
