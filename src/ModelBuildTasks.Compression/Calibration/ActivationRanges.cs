using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The range of every float activation of a model: the artefact that can be committed and reused so that every machine writes the same bytes.</summary>
/// <param name="Ranges">By tensor name. A tensor that was never finite or never had an element has no range.</param>
/// <param name="Method">How they were told.</param>
internal sealed record ActivationRanges(IReadOnlyDictionary<string, ValueRange> Ranges, CalibrationMethod Method = CalibrationMethod.MinMax)
{
    private const int Version = 1;

    /// <summary>Beyond it a power of two is no float.</summary>
    private const int LargestExponent = 126;

    /// <summary>The number of dimensions of observed values whose shape the model does not tell, by name: what its shape inference could not find, the runs did.</summary>
    public IReadOnlyDictionary<string, int> Ranks { get; init; } = new Dictionary<string, int>();

    /// <summary>The mean of each channel of the values that layers read, by name: what the mean error of rounded weights is told from. Empty where nothing was observed for it.</summary>
    public IReadOnlyDictionary<string, float[]> Means { get; init; } = new Dictionary<string, float[]>();

    /// <summary>The layers that were equalized before the ranges were told, the second of each pair by the first: activations between them have other values than in the model as it was.</summary>
    public IReadOnlyDictionary<string, string> Equalized { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The activations that were smoothed before the ranges were told, by name: the power of two that each of their channels was multiplied with. They have other values than in the model as it was.</summary>
    public IReadOnlyDictionary<string, int[]> Smoothed { get; init; } = FrozenDictionary<string, int[]>.Empty;

    /// <summary>Reads a ranges file.</summary>
    /// <exception cref="CompressionException">AIM1108: it is missing, no ranges file, or of another version or an unknown method.</exception>
    public static ActivationRanges Load(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            throw new CompressionException(
                DiagnosticCodes.RangesInvalid,
                path,
                $"'{Path.GetFileName(path)}' is no readable ranges file: {exception.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Remove Ranges from the item to calibrate again, and commit the file that this leaves behind.",
                exception);
        }
    }

    /// <summary>Requires that these ranges were made from a model: every float input and output of a model that ran has one.</summary>
    /// <param name="model">The model they are to be used for.</param>
    /// <param name="path">The ranges file.</param>
    /// <exception cref="CompressionException">AIM1108: a tensor of the model is missing.</exception>
    public void RequireFit(OnnxModel model, string path)
    {
        var graph = model.Proto.Graph;
        var constants = graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var missing = graph.Input.Concat(graph.Output).FirstOrDefault(value =>
            value.Type?.TensorType?.ElemType == (int)TensorProto.Types.DataType.Float && !constants.Contains(value.Name) && !Ranges.ContainsKey(value.Name)
            // What starts empty with every sample has no value that a range could be told from.
            && !StateNames.IsPast(value.Name));
        if (missing is not null)
        {
            throw new CompressionException(
                DiagnosticCodes.RangesInvalid,
                path,
                $"'{Path.GetFileName(path)}' has no range for '{missing.Name}' of '{Path.GetFileName(model.Path)}', so it was made from another model. Remove Ranges from the item to calibrate again, and commit the file that this leaves behind.");
        }
    }

    /// <summary>Requires that these ranges were told with the same layers equalized.</summary>
    /// <param name="equalized">The pairs of layers that are equalized in the model now.</param>
    /// <param name="model">The model they are to be used for.</param>
    /// <param name="path">The ranges file.</param>
    /// <exception cref="CompressionException">AIM1108: others were.</exception>
    public void RequireEqualized(IReadOnlyDictionary<string, string> equalized, OnnxModel model, string path)
    {
        var others = Equalized.Except(equalized).Concat(equalized.Except(Equalized)).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToArray();
        if (others.Length > 0)
        {
            throw new CompressionException(
                DiagnosticCodes.RangesInvalid,
                path,
                $"'{Path.GetFileName(path)}' was made with other layers of '{Path.GetFileName(model.Path)}' equalized than this build equalizes ('{others[0].Key}' and '{others[0].Value}', {(Equalized.Contains(others[0]) ? "then" : "now")} only), so its ranges are those of other activations. Remove Ranges from the item to calibrate again, and commit the file that this leaves behind.");
        }
    }

    /// <summary>Requires that the activations that these ranges were told of smoothed can be smoothed so.</summary>
    /// <param name="channels">How many channels the activations have that can be smoothed in the model now.</param>
    /// <param name="model">The model they are to be used for.</param>
    /// <param name="path">The ranges file.</param>
    /// <exception cref="CompressionException">AIM1108: one cannot be smoothed, or has another number of channels.</exception>
    public void RequireSmoothable(IReadOnlyDictionary<string, int> channels, OnnxModel model, string path)
    {
        if (Smoothed.OrderBy(each => each.Key, StringComparer.Ordinal).FirstOrDefault(each => channels.GetValueOrDefault(each.Key) != each.Value.Length) is { Key: not null } other)
        {
            throw new CompressionException(
                DiagnosticCodes.RangesInvalid,
                path,
                $"'{Path.GetFileName(path)}' was made with {other.Value.Length} channels of '{other.Key}' smoothed, which {(channels.TryGetValue(other.Key, out var count) ? $"has {count}" : "cannot be smoothed")} in '{Path.GetFileName(model.Path)}', so its ranges are those of other activations. Remove Ranges from the item to calibrate again, and commit the file that this leaves behind.");
        }
    }

    /// <summary>Writes a ranges file: sorted by name, round-trip exact numbers, no paths and no times.</summary>
    /// <exception cref="CompressionException">AIM1303: the file cannot be written.</exception>
    public void Save(string path)
    {
        // Written by hand because one tensor a line is what a committed file is reviewed by.
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\n  \"version\": {Version},\n  \"method\": \"{CalibrationMethodNames.Of(Method)}\"");
        Append(text, "ranges", Ranges, range => string.Create(CultureInfo.InvariantCulture, $"[{range.Minimum:R}, {range.Maximum:R}]"));
        if (Ranks.Count > 0)
        {
            Append(text, "ranks", Ranks, rank => rank.ToString(CultureInfo.InvariantCulture));
        }

        if (Means.Count > 0)
        {
            Append(text, "means", Means, means => $"[{string.Join(", ", means.Select(mean => mean.ToString("R", CultureInfo.InvariantCulture)))}]");
        }

        if (Equalized.Count > 0)
        {
            Append(text, "equalized", Equalized, second => Quoted(second));
        }

        if (Smoothed.Count > 0)
        {
            Append(text, "smoothed", Smoothed, exponents => $"[{string.Join(", ", exponents.Select(exponent => exponent.ToString(CultureInfo.InvariantCulture)))}]");
        }

        text.Append("\n}\n");
        AtomicFile.WriteWhenDifferent(path, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static void Append<T>(StringBuilder text, string name, IReadOnlyDictionary<string, T> values, Func<T, string> write)
    {
        text.Append(CultureInfo.InvariantCulture, $",\n  \"{name}\": {{");
        var separator = "\n";
        foreach (var (key, value) in values.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{separator}    {Quoted(key)}: {write(value)}");
            separator = ",\n";
        }

        text.Append("\n  }");
    }

    private static string Quoted(string name) => $"\"{JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static ActivationRanges Read(JsonElement root)
    {
        if (Property(root, "version", JsonValueKind.Number).GetRawText() != Version.ToString(CultureInfo.InvariantCulture))
        {
            throw new FormatException($"its version is not {Version}");
        }

        // Any method's ranges are ranges: the file says its method to people.
        var method = CalibrationMethodNames.Find(Property(root, "method", JsonValueKind.String).GetString()) ?? throw new FormatException("its method is unknown");

        var ranges = new SortedDictionary<string, ValueRange>(StringComparer.Ordinal);
        foreach (var property in Property(root, "ranges", JsonValueKind.Object).EnumerateObject())
        {
            ranges.Add(property.Name, Range(property));
        }

        // Files from before there were ranks have none.
        var ranks = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var property in root.TryGetProperty("ranks", out _) ? Property(root, "ranks", JsonValueKind.Object).EnumerateObject() : default)
        {
            ranks.Add(property.Name, Rank(property));
        }

        // Nor have they means: then no bias is corrected.
        var means = new SortedDictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var property in root.TryGetProperty("means", out _) ? Property(root, "means", JsonValueKind.Object).EnumerateObject() : default)
        {
            means.Add(property.Name, MeansOf(property));
        }

        var equalized = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in root.TryGetProperty("equalized", out _) ? Property(root, "equalized", JsonValueKind.Object).EnumerateObject() : default)
        {
            equalized.Add(property.Name, property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : throw new FormatException($"what is equalized with '{property.Name}' is no name"));
        }

        var smoothed = new SortedDictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var property in root.TryGetProperty("smoothed", out _) ? Property(root, "smoothed", JsonValueKind.Object).EnumerateObject() : default)
        {
            smoothed.Add(property.Name, Exponents(property));
        }

        return new ActivationRanges(ranges, method) { Ranks = ranks, Means = means, Equalized = equalized, Smoothed = smoothed };
    }

    private static JsonElement Property(JsonElement root, string name, JsonValueKind kind) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value
            : throw new FormatException($"it has no '{name}'");

    private static ValueRange Range(JsonProperty property)
    {
        var value = property.Value;
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2
            && Single(value[0]) is { } minimum && Single(value[1]) is { } maximum && minimum <= maximum)
        {
            return new ValueRange(minimum, maximum);
        }

        throw new FormatException($"the range of '{property.Name}' is not [minimum, maximum]");
    }

    private static int Rank(JsonProperty property) => property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetInt32(out var rank) && rank >= 0
        ? rank
        : throw new FormatException($"the rank of '{property.Name}' is no number of dimensions");

    private static float[] MeansOf(JsonProperty property) => property.Value.ValueKind == JsonValueKind.Array && property.Value.GetArrayLength() > 0 && property.Value.EnumerateArray().All(mean => Single(mean) is not null)
        ? [.. property.Value.EnumerateArray().Select(mean => mean.GetSingle())]
        : throw new FormatException($"the means of '{property.Name}' are no numbers");

    private static int[] Exponents(JsonProperty property) => property.Value.ValueKind == JsonValueKind.Array && property.Value.EnumerateArray().All(each => each.ValueKind == JsonValueKind.Number && each.TryGetInt32(out var exponent) && Math.Abs((long)exponent) <= LargestExponent)
        ? [.. property.Value.EnumerateArray().Select(exponent => exponent.GetInt32())]
        : throw new FormatException($"the exponents of '{property.Name}' are no powers of two");

    private static float? Single(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetSingle(out var value) && float.IsFinite(value) ? value : null;
}
