using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Items;

/// <summary>Reads ResourceCompression.</summary>
internal static class ResourceCompressionMetadata
{
    private const string Name = "ResourceCompression";

    /// <summary>What is asked for; none for a model that is a file.</summary>
    /// <param name="metadata">The item.</param>
    /// <param name="isFile">Whether the model lies beside the application.</param>
    public static ResourceCompression Parse(MetadataReader metadata, bool isFile)
    {
        var asked = metadata.Choice(Name, ["auto", "none", "brotli"]) switch
        {
            "none" => ResourceCompression.None,
            "brotli" => ResourceCompression.Brotli,
            _ => ResourceCompression.Auto,
        };
        if (!isFile)
        {
            return asked;
        }

        if (asked == ResourceCompression.Brotli)
        {
            metadata.Add(DiagnosticCodes.MetadataContradicts, Name, "packs a resource, and with Load=\"File\" there is none: ONNX Runtime maps the file as it is. Remove one of the two");
        }

        return ResourceCompression.None;
    }
}
