using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression.Devices;

/// <summary>
/// What operators cost in float and on bytes on a kind of processor, measured once and written down: the only thing that decides what is worth computing on bytes. No build ever times anything for that, so the same
/// table gives the same bytes on every machine.
/// </summary>
public sealed class CostTable : IEquatable<CostTable>
{
    // Read when a number is asked for: builds that are up to date never do.
    private readonly Lazy<Numbers> numbers;

    /// <param name="borders">What lies between float and bytes.</param>
    /// <param name="layers">One entry a class.</param>
    /// <param name="elements">One entry an operator.</param>
    internal CostTable(BorderCosts borders, IReadOnlyList<LayerCost> layers, IReadOnlyList<ElementCost> elements) => numbers = new(() => Numbers.Of(borders, layers, elements));

    private CostTable(Func<CostTable> read) => numbers = new(() => read().numbers.Value);

    /// <summary>No opinion: everything that can compute on bytes does.</summary>
    public static CostTable None { get; } = new(BorderCosts.None, [], []);

    /// <summary>The table of x64 processors of which nothing else is known (build/costs/x64.json, compiled in).</summary>
    public static CostTable X64 { get; } = new(() => CostTableFile.ReadCompiledIn("x64.json"));

    /// <summary>What lies between float and bytes.</summary>
    internal BorderCosts Borders => numbers.Value.Borders;

    /// <summary>SHA-256 of every number that can decide something; where the file lies and when it was measured is not in it.</summary>
    internal string ContentHash => numbers.Value.Hash;

    /// <summary>Reads a table from a file as docs/techniques/costs.md describes it.</summary>
    /// <exception cref="CompressionException">AIM1207: the file is missing, or no cost table.</exception>
    public static CostTable Load(string path) => CostTableFile.Load(path).Table;

    /// <summary>Whether both have the same content.</summary>
    public bool Equals(CostTable? other) => other is not null && ContentHash == other.ContentHash;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CostTable);

    /// <inheritdoc/>
    public override int GetHashCode() => ContentHash.GetHashCode(StringComparison.Ordinal);

    /// <summary>
    /// The cost of the class that is nearest among those of the same operator that are dense, grouped or depthwise alike (<see cref="LayerClass.Distance"/>), of equally near ones the first in the file; null where the table has none.
    /// </summary>
    internal LayerCost? Nearest(LayerClass wanted) => numbers.Value.Layers.Where(cost => cost.Class.IsKin(wanted)).MinBy(cost => cost.Class.Distance(wanted));

    /// <summary>The cost of an operator without weights; null where the table has none.</summary>
    internal ElementCost? Of(string operation) => numbers.Value.Elements.GetValueOrDefault(operation);

    /// <summary>The content of a table, and its hash.</summary>
    private sealed record Numbers(BorderCosts Borders, IReadOnlyList<LayerCost> Layers, IReadOnlyDictionary<string, ElementCost> Elements, string Hash)
    {
        public static Numbers Of(BorderCosts borders, IReadOnlyList<LayerCost> layers, IReadOnlyList<ElementCost> elements) => new(
            borders,
            layers,
            elements.ToDictionary(cost => cost.Operator),
            Packaging.ContentHash.OfTexts(
            [
                Text($"{borders.Start:R} {borders.Quantize:R} {borders.Dequantize:R} {borders.LayoutToBytes:R} {borders.LayoutToFloat:R}"),
                .. layers.Select(cost => Text($"{cost.Class.Operator} {cost.Class.Dimensions} {cost.Class.Kernel} {cost.Class.Groups} {cost.Class.Inputs} {cost.Class.Outputs} {cost.Float:R} {cost.Int8:R}")),
                "",
                .. elements.OrderBy(cost => cost.Operator, StringComparer.Ordinal).Select(cost => Text($"{cost.Operator} {cost.Float:R} {cost.Int8:R}")),
            ]));

        private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}
