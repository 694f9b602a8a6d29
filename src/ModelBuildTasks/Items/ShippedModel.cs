using ModelBuildTasks.Incremental;

namespace ModelBuildTasks.Items;

/// <summary>A file that goes into the assembly or beside the application: one for all variants whose bytes are equal.</summary>
/// <param name="Item">The variant whose file it is.</param>
/// <param name="Variants">All variants with these bytes, that one first.</param>
/// <param name="LogicalName">The resource's name.</param>
/// <param name="FileName">What the file beside the application is called.</param>
internal sealed record ShippedModel(ModelItem Item, IReadOnlyList<ModelItem> Variants, string LogicalName, string FileName)
{
    /// <summary>What the variants of each model ship, in the order of the items.</summary>
    public static IReadOnlyList<IReadOnlyList<ShippedModel>> Of(IEnumerable<ModelItem> items) =>
        [.. items.GroupBy(item => item.Request.Name, StringComparer.OrdinalIgnoreCase).Select(variants => OfModel([.. variants]))];

    private static IReadOnlyList<ShippedModel> OfModel(ModelItem[] variants)
    {
        var different = variants.Length == 1 ? [variants] : variants.GroupBy(Bytes).Select(group => group.ToArray()).ToArray();
        return [.. different.Select(same => new ShippedModel(same[0], same, same[0].LogicalName, same[0].FileName))];
    }

    // Where nothing was compressed yet, as in an editor, every variant counts as another.
    private static string Bytes(ModelItem item) => Stamp.Read(item.StampPath)?.Output.Hash ?? item.OutputName;
}
