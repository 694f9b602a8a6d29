namespace ModelBuildTasks.Items;

/// <summary>A resource that is packed with Brotli: what must be known to unpack it safely.</summary>
/// <param name="Length">Bytes of the model.</param>
/// <param name="PackedLength">Bytes of the resource.</param>
internal sealed record PackedResource(long Length, long PackedLength);
