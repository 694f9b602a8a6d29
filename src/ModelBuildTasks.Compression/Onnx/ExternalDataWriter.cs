using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Writes a model beyond 2 GiB: its large tensors into a file beside it.</summary>
internal static class ExternalDataWriter
{
    /// <summary>A page, so that runtimes can map each tensor by itself.</summary>
    private const int Alignment = 4096;

    /// <summary>Writes a model and its data into &lt;path&gt;.data, both whole or none; they are meant to be new.</summary>
    /// <exception cref="CompressionException">AIM1303: a file cannot be written. AIM1008: the rest of the model exceeds 2 GiB.</exception>
    public static void Write(ModelProto model, string path, string reportedPath)
    {
        var dataPath = path + ".data";
        var end = 0L;
        // Tensors that share bytes share them in the file too.
        var locations = new OrderedDictionary<ByteString, ExternalLocation>(ReferenceEqualityComparer.Instance);
        var writer = new ModelWriter(model, bytes =>
        {
            if (!locations.TryGetValue(bytes, out var location))
            {
                locations.Add(bytes, location = new ExternalLocation(Path.GetFileName(dataPath), end, bytes.Size()));
                end = (end + location.Length + Alignment - 1) / Alignment * Alignment;
            }

            return location;
        });

        try
        {
            // The model's rename is the last step of all.
            AtomicFile.Write(path, stream =>
            {
                AtomicFile.Write(dataPath, data => WriteData(locations, data));
                writer.Write(stream, reportedPath);
            });
        }
        catch
        {
            File.Delete(dataPath);
            throw;
        }
    }

    private static void WriteData(OrderedDictionary<ByteString, ExternalLocation> locations, FileStream destination)
    {
        var buffer = new byte[ModelWriter.BufferSize];
        foreach (var (bytes, location) in locations)
        {
            destination.Position = location.Offset;
            ModelWriter.Copy(bytes, destination, buffer);
        }
    }
}
