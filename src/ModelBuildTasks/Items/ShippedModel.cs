using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Incremental;

namespace ModelBuildTasks.Items;

/// <summary>A file that goes into the assembly or beside the application: one for all variants whose bytes are equal.</summary>
/// <param name="Item">The variant whose file it is.</param>
/// <param name="Variants">All variants with these bytes, that one first.</param>
/// <param name="Packing">How the resource is packed; null where it is the model as it is.</param>
internal sealed record ShippedModel(ModelItem Item, IReadOnlyList<ModelItem> Variants, PackedResource? Packing)
{
    /// <summary>The resource's name, which tells whether it is packed.</summary>
    public string LogicalName => Packing is null || Item.LogicalName.EndsWith(BrotliFile.Extension, StringComparison.Ordinal) ? Item.LogicalName : Item.LogicalName + BrotliFile.Extension;

    /// <summary>What the file beside the application is called.</summary>
    public string FileName => Item.FileName;

    /// <summary>The file.</summary>
    public string Path => Packing is null ? Item.OutputPath : Item.PackedPath;

    /// <summary>What the variants of each model ship, in the order of the items.</summary>
    public static IReadOnlyList<IReadOnlyList<ShippedModel>> Of(IEnumerable<ModelItem> items) =>
        [.. items.GroupBy(item => item.Request.Name, StringComparer.OrdinalIgnoreCase).Select(variants => OfModel([.. variants]))];

    private static IReadOnlyList<ShippedModel> OfModel(ModelItem[] variants)
    {
        var built = Array.ConvertAll(variants, item => (Item: item, Stamp: Stamp.Read(item.StampPath)));
        // Where nothing was compressed yet, as in an editor, every variant counts as another.
        var different = variants.Length == 1 ? [built] : built.GroupBy(variant => variant.Stamp?.Output.Hash ?? variant.Item.OutputName).Select(group => group.ToArray()).ToArray();
        return [.. different.Select(same => new ShippedModel(same[0].Item, Array.ConvertAll(same, variant => variant.Item), PackingOf(same[0].Item, same[0].Stamp)))];
    }

    private static PackedResource? PackingOf(ModelItem item, Stamp? stamp) =>
        item.Request.Packs && stamp is { Packed: { } packed } ? new(stamp.Output.Length, packed.Length) : null;
}
