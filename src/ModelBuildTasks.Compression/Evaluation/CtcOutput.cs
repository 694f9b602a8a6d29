using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>The output of a text recognizer: a score for each class at each step of time, as probabilities, their logarithms or logits.</summary>
internal static class CtcOutput
{
    /// <summary>The first output whose shape is that of a recognizer with these keys.</summary>
    /// <exception cref="CompressionException">AIM1109: the classes are not those of the keys. AIM1201: no output has three axes.</exception>
    public static int Find(RunOutputs outputs, TextKeys keys)
    {
        var shapes = Enumerable.Range(0, outputs.Count).Select(output => outputs.Shape(output).ToArray()).ToArray();
        Require(shapes, keys);
        return Array.FindIndex(shapes, shape => IsPossible(shape, keys));
    }

    /// <summary>Tells from the shapes that a model declares whether it can have such an output; axes and ranks that are free may be anything.</summary>
    /// <exception cref="CompressionException">AIM1109: the classes are not those of the keys. AIM1201: no output has three axes.</exception>
    public static void RequirePossible(IReadOnlyList<ModelPort> outputs, TextKeys keys)
    {
        var shapes = outputs.Where(output => output.Kind == PortKind.Tensor && FloatConversion.IsKnown(output.Type)).Select(output => output.Shape).ToArray();
        // The runtime tells no axes for an unknown rank.
        if (!shapes.Any(shape => shape.Length == 0))
        {
            Require(shapes, keys);
        }
    }

    /// <summary>
    /// How many steps the first text of an output has: of [batch, time, classes] the second axis. Where that is 1 and the first is not, the output is [time, 1, classes], since no text is read in one step.
    /// </summary>
    public static int Steps(ReadOnlySpan<long> shape) => checked((int)(shape[1] == 1 ? shape[0] : shape[1]));

    private static bool IsPossible(long[] shape, TextKeys keys) => shape.Length == 3 && (shape[2] < 0 || keys.Fit(shape[2]));

    private static void Require(long[][] shapes, TextKeys keys)
    {
        if (Array.Exists(shapes, shape => IsPossible(shape, keys)))
        {
            return;
        }

        var classes = Array.Find(shapes, shape => shape.Length == 3)?[2]
            ?? throw new CompressionException(DiagnosticCodes.MetadataValueUnknown, null, "Metric=\"ctc\" needs an output of shape [batch, time, classes], and the model has none. Use Metric=\"auto\" and remove Keys.");
        throw new CompressionException(
            DiagnosticCodes.KeysInvalid,
            keys.File,
            $"The Keys file '{Path.GetFileName(keys.File)}' has {keys.Count} lines, for {keys.Count + 1} classes with the blank or {keys.Count + 2} with a space behind them, but the model has {classes}. Give the file that this recognizer was trained with.");
    }
}
