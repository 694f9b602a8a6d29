using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression;

/// <summary>Packs a compressed model as it goes into an assembly, into the cache.</summary>
internal static class ResourcePacking
{
    /// <summary>What packing must leave at most where nobody asked for it by name: unpacking takes time and memory on every start.</summary>
    private const double LargestShare = 0.9;

    /// <summary>The packed model in the cache, made now unless it is there; null where it is not packed, since that was not asked for or saves too little.</summary>
    /// <param name="variant">The compressed model; the key of its compression is held.</param>
    /// <param name="cache">Where it is.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static string? Run(CompressionVariant variant, ResultCache cache, CancellationToken cancellationToken)
    {
        var request = variant.Request;
        var extension = request.Format.Extension();
        var model = cache.Model(variant.Keys.Compression, extension);
        var length = new FileInfo(model).Length;
        // It is unpacked into one array.
        if (!request.Packs || length > Array.MaxLength)
        {
            return null;
        }

        var packed = cache.Packed(variant.Keys.Compression, extension);
        if (!ResultCache.Holds(packed))
        {
            variant.Clock.Run("pack", _ =>
            {
                BrotliFile.Pack(model, packed, cancellationToken);
                return packed;
            });
        }

        var packedLength = new FileInfo(packed).Length;
        var pays = request.ResourceCompression == ResourceCompression.Brotli ? packedLength < length : packedLength <= length * LargestShare;
        return pays ? packed : null;
    }
}
