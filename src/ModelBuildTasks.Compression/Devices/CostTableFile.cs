using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression.Devices;

/// <summary>A cost table as a file: JSON with one entry a line, so that a new measurement can be reviewed as a difference of lines.</summary>
/// <param name="Origin">Where the numbers come from.</param>
/// <param name="Borders">What lies between float and bytes.</param>
/// <param name="Layers">In the order of the file.</param>
/// <param name="Elements">In the order of the file.</param>
internal sealed record CostTableFile(CostTableOrigin Origin, BorderCosts Borders, IReadOnlyList<LayerCost> Layers, IReadOnlyList<ElementCost> Elements)
{
    /// <summary>The only version of the format so far.</summary>
    public const int Format = 1;

    /// <summary>What the numbers say.</summary>
    public CostTable Table { get; } = new(Borders, Layers, Elements);

    /// <summary>Reads a file and, where it takes its numbers over from another one beside it, that one.</summary>
    /// <exception cref="CompressionException">AIM1207: the file is missing, or no cost table.</exception>
    public static CostTableFile Load(string path)
    {
        var file = Read(path);
        if (file.Origin.TakenOverFrom is not { } other)
        {
            return file;
        }

        var source = Read(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, other));
        return source.Origin.TakenOverFrom is null
            ? source with { Origin = file.Origin }
            : throw Unreadable(path, $"it takes its numbers over from '{other}', which has none of its own either", null);
    }

    /// <summary>Reads a table that is compiled into this assembly.</summary>
    public static CostTable ReadCompiledIn(string name)
    {
        using var stream = typeof(CostTableFile).Assembly.GetManifestResourceStream("costs/" + name) ?? throw new InvalidOperationException($"The cost table '{name}' is not compiled in.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return CostTableReader.Read(content).Table;
    }

    /// <exception cref="CompressionException">AIM1303: the file cannot be written.</exception>
    public void Save(string path)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\n  \"format\": {Format},\n  \"measuredOn\": {Quoted(Origin.MeasuredOn)},\n");
        if (Origin.TakenOverFrom is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"  \"takenOverFrom\": {Quoted(Origin.TakenOverFrom)}\n}}\n");
            AtomicFile.WriteWhenDifferent(path, Encoding.UTF8.GetBytes(text.ToString()));
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"  \"runtime\": {Quoted(Origin.Runtime)},\n  \"date\": {Quoted(Origin.Date)},\n");
        text.Append(CultureInfo.InvariantCulture, $"  \"borders\": {{ \"start\": {Borders.Start:R}, \"quantize\": {Borders.Quantize:R}, \"dequantize\": {Borders.Dequantize:R}, \"layoutToBytes\": {Borders.LayoutToBytes:R}, \"layoutToFloat\": {Borders.LayoutToFloat:R} }},\n");
        text.Append("  \"layers\": [");
        text.AppendJoin(',', Layers.Select(cost => string.Create(
            CultureInfo.InvariantCulture,
            $"\n    {{ \"operator\": {Quoted(cost.Class.Operator)}, \"dimensions\": {cost.Class.Dimensions}, \"kernel\": {cost.Class.Kernel}, \"groups\": {cost.Class.Groups}, \"inputs\": {cost.Class.Inputs}, \"outputs\": {cost.Class.Outputs}, \"float\": {cost.Float:R}, \"int8\": {cost.Int8:R} }}")));
        text.Append("\n  ],\n  \"elements\": [");
        text.AppendJoin(',', Elements.Select(cost => string.Create(CultureInfo.InvariantCulture, $"\n    {{ \"operator\": {Quoted(cost.Operator)}, \"float\": {cost.Float:R}, \"int8\": {cost.Int8:R} }}")));
        text.Append("\n  ]\n}\n");
        AtomicFile.WriteWhenDifferent(path, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static CostTableFile Read(string path)
    {
        try
        {
            return CostTableReader.Read(File.ReadAllBytes(path));
        }
        catch (FormatException exception)
        {
            throw Unreadable(path, exception.Message, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, exception.Message.TrimEnd('.'), exception);
        }
    }

    private static CompressionException Unreadable(string path, string reason, Exception? cause) => new(
        DiagnosticCodes.CostTableInvalid,
        path,
        $"'{path}' cannot be read as a cost table: {reason}. Correct that, or write the file anew on the device with `dotnet run -c Release --project tests/Benchmarks -- --costs <file>`.",
        cause);

    private static string Quoted(string? text) => text is null ? "null" : $"\"{JsonEncodedText.Encode(text)}\"";
}
