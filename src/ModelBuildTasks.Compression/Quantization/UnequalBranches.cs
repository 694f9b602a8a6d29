using System.Globalization;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Concats whose branches have ranges too different for one scale, as in detection heads: box coordinates up to 640 beside scores between 0 and 1. Bytes with the scale of all have noise of scale²/12 in every branch, so one whose own
/// range is n times smaller has 20 log₁₀ n dB more of it than with a scale of its own.
/// </summary>
internal sealed class UnequalBranches(OnnxGraph graph, IReadOnlyDictionary<string, ValueRange> ranges)
{
    /// <summary>What a branch may lose where it is a result for itself: an output of the model, or what an operator in float makes something of.</summary>
    private const double MostOfResults = 10;

    /// <summary>What it may lose where only layers read the branches: they sum them up, and the sum has the noise of the largest one anyway. 16 levels are left.</summary>
    private const double MostOfSummands = 24;

    private const int Levels = byte.MaxValue;

    private readonly Dictionary<string, (string Branch, double Loss)?> worst = [];
    private readonly Dictionary<string, bool> results = [];

    /// <summary>Why a Concat must not write bytes; null where it may, and for other operators.</summary>
    public string? WhyFloat(NodeProto concat) => concat.IsStandard("Concat") && Unequal(concat) is var (branch, loss) && loss > (IsResult(concat.Output[0]) ? MostOfResults : MostOfSummands)
        ? string.Create(CultureInfo.InvariantCulture, $"one scale for all its inputs would leave '{branch}' {LevelsLeft(loss):F0} of {Levels} levels, {loss:F0} dB less than one of its own")
        : null;

    /// <summary>Why a layer must not read a value as bytes; null where it may.</summary>
    public string? WhyNotInput(string value) => Behind(value) is var (branch, loss) && loss > MostOfSummands
        ? string.Create(CultureInfo.InvariantCulture, $"one scale for its input '{value}' would leave '{branch}', which is a part of it, {LevelsLeft(loss):F0} of {Levels} levels")
        : null;

    /// <summary>The inputs and results of the Concats that a value comes from, where nothing that computes lies between: their ranges tell whether one scale does.</summary>
    public static IEnumerable<string> Branches(string value, OnnxGraph graph)
    {
        var (open, seen) = (new Stack<string>([value]), new HashSet<string>());
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next) || graph.Producer(next) is not { } producer)
            {
                continue;
            }

            if (producer.IsStandard("Concat"))
            {
                yield return next;
                foreach (var input in producer.Input)
                {
                    yield return input;
                    open.Push(input);
                }
            }
            else if (IsMover(producer))
            {
                open.Push(producer.Input[0]);
            }
        }
    }

    private static bool IsMover(NodeProto node) => node.IsStandard() && node.Input.Count > 0 && ConnectorRules.KeepsScale(node);

    private static double LevelsLeft(double loss) => Levels / Math.Pow(10, loss / 20);

    /// <summary>The worst of the Concats that a value comes from.</summary>
    private (string Branch, double Loss)? Behind(string value)
    {
        if (!worst.TryGetValue(value, out var found))
        {
            worst.Add(value, null);
            found = graph.Producer(value) is not { } producer ? null
                : producer.IsStandard("Concat") ? producer.Input.Select(Behind).Prepend(Unequal(producer)).MaxBy(each => each?.Loss)
                : IsMover(producer) ? Behind(producer.Input[0])
                : null;
            worst[value] = found;
        }

        return found;
    }

    /// <summary>The branch that loses most by the common scale.</summary>
    private (string Branch, double Loss)? Unequal(NodeProto concat)
    {
        var branches = concat.Input.Where(input => graph.Constant(input) is null).Select(input => (Name: input, Width: Range(input) is { } own ? Width(own) : 0)).Where(branch => branch.Width > 0).ToArray();
        if (branches.Length < 2)
        {
            return null;
        }

        var (name, least) = branches.MinBy(branch => branch.Width);
        var common = Range(concat.Output[0]) is { } range ? Width(range) : branches.Max(branch => branch.Width);
        return (name, 20 * Math.Log10(common / least));
    }

    // Zero is in every range of bytes.
    private static double Width(ValueRange range) => Math.Max(range.Maximum, 0.0) - Math.Min(range.Minimum, 0.0);

    private ValueRange? Range(string value) => ranges.TryGetValue(value, out var range) && float.IsFinite(range.Minimum) && float.IsFinite(range.Maximum) ? range : null;

    /// <summary>Whether something else than layers, and what connects them, reads a value.</summary>
    private bool IsResult(string value)
    {
        if (!results.TryGetValue(value, out var result))
        {
            results[value] = result = graph.IsGraphOutput(value) || graph.Consumers(value).Any(IsResult);
        }

        return result;
    }

    private bool IsResult(NodeInput use) => use.Index < 0 || !use.Node.IsStandard()
        || (use.Node.OpType == "Concat" || IsMover(use.Node) ? use.Node.Output.Any(IsResult) : use.Node.OpType is not ("Conv" or "Gemm" or "MatMul" or "Add" or "Mul" or "AveragePool" or "GlobalAveragePool"));
}
