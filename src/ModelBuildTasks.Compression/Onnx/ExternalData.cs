using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Tensor bytes in files beside the model (docs/ExternalData.md of the specification): found, checked and made views like any other.</summary>
internal sealed class ExternalData(string modelPath, MappedPayloads payloads)
{
    private readonly string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
    private readonly Dictionary<string, string> paths = [];
    private readonly HashSet<FileRange> ranges = [];

    /// <summary>Puts the bytes of a tensor into raw_data and forgets where they came from; leaves a tensor alone that has its bytes.</summary>
    /// <exception cref="CompressionException">AIM1002, AIM1004, AIM1005: what the tensor says is wrong, missing or outside the model's folder.</exception>
    public void Resolve(TensorProto tensor)
    {
        if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
        {
            return;
        }

        var range = Find(tensor);
        ranges.Add(range);
        tensor.RawData = MappedPayloads.View(range);
        tensor.ExternalData.Clear();
        tensor.ClearDataLocation();
    }

    /// <summary>The bytes of the files that tensors refer to, each byte once.</summary>
    public long SizeInBytes()
    {
        var size = 0L;
        foreach (var file in ranges.GroupBy(range => range.File))
        {
            var counted = 0L;
            foreach (var range in file.OrderBy(range => range.Offset))
            {
                var end = range.Offset + range.Length;
                size += Math.Max(0, end - Math.Max(counted, range.Offset));
                counted = Math.Max(counted, end);
            }
        }

        return size;
    }

    private FileRange Find(TensorProto tensor)
    {
        var location = Entry(tensor, "location") ?? throw ModelErrors.NotAModel(modelPath, $"the external data of the tensor '{tensor.Name}' has no location");
        var offset = Number(tensor, "offset") ?? 0;
        var file = Open(location);
        if (offset > file.Length)
        {
            throw ModelErrors.ExternalDataMissing(modelPath, location, $"has {file.Length} bytes and its data would begin at {offset}");
        }

        // Without a length the shape tells it, and for strings and new types the file's end.
        var expected = tensor.ElementType().Bits() > 0 ? tensor.SizeInBytes() : file.Length - offset;
        var length = Number(tensor, "length") ?? expected;
        if (length > file.Length - offset)
        {
            throw ModelErrors.ExternalDataMissing(modelPath, location, $"has {file.Length} bytes and its data would end at {(Int128)offset + length}");
        }

        return new FileRange(file, offset, length);
    }

    private MappedFile Open(string location)
    {
        try
        {
            if (!paths.TryGetValue(location, out var path))
            {
                path = ContainedPath.Resolve(folder, location) ?? throw ModelErrors.ExternalDataOutsideFolder(modelPath, location);
                paths.Add(location, path);
            }

            return payloads.Open(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw ModelErrors.ExternalDataMissing(modelPath, location, $"cannot be read ({exception.Message})", exception);
        }
    }

    private long? Number(TensorProto tensor, string key)
    {
        var text = Entry(tensor, key);
        return text is null ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw ModelErrors.NotAModel(modelPath, $"the external data of the tensor '{tensor.Name}' has the {key} '{text}'");
    }

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.LastOrDefault(entry => entry.Key == key)?.Value;
}
