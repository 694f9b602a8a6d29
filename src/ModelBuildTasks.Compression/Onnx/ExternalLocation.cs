using System.Globalization;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Where the bytes of a tensor lie beside a model (docs/ExternalData.md of the specification).</summary>
/// <param name="File">The file's name, relative to the model's folder.</param>
/// <param name="Offset">Where they begin.</param>
/// <param name="Length">How many there are.</param>
internal readonly record struct ExternalLocation(string File, long Offset, long Length)
{
    /// <summary>Makes a tensor without bytes one whose bytes lie here.</summary>
    public void WriteTo(TensorProto tensor)
    {
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Clear();
        Add("location", File);
        Add("offset", Offset.ToString(CultureInfo.InvariantCulture));
        Add("length", Length.ToString(CultureInfo.InvariantCulture));

        void Add(string key, string value) => tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }
}
