using ModelBuildTasks.Compression.WeightSharing;

namespace ModelBuildTasks.Items;

/// <summary>Reads Share and ShareChannels.</summary>
internal static class SharingMetadata
{
    /// <summary>What is asked for; null where nothing is, or nothing that is right.</summary>
    public static SharingOptions? Parse(MetadataReader metadata)
    {
        var channels = metadata.Count("ShareChannels", 1, 1 << 20, "the number of output channels that share values, from 1, such as 32");
        return metadata.Count("Share", 2, 256, "the number of values that the weights of a layer share, from 2 to 256, such as 16") is { } values ? new(values, channels) : null;
    }
}
