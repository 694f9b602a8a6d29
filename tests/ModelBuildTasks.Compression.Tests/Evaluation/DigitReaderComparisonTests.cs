using System.Runtime.InteropServices;
using Google.Protobuf;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

/// <summary>The comparison on the sample's real network and real digits, against plain loops that keep every output.</summary>
[TestClass]
public sealed class DigitReaderComparisonTests
{
    [TestMethod]
    public void Metrics_of_a_real_network_are_those_of_a_plain_count()
    {
        using var folder = new TemporaryFolder();
        var originalPath = DigitReaderSample.Model;
        var coarsePath = folder.Write("coarse.onnx", WithCoarseWeights(originalPath));
        using var original = ModelSession.Open(originalPath, new SessionSettings());
        using var coarse = ModelSession.Open(coarsePath, new SessionSettings());
        var digits = SampleSet.Open([DigitReaderSample.Test], original.Ports, new ImageOptions());
        int[] judged = [.. Enumerable.Range(0, 500)];

        var comparison = ModelComparison.Compare(original, coarse, digits, judged, Metric.Auto, progress: null, CancellationToken.None);

        var labels = digits.Read(judged).Select(digit => digit.Label!.Value).ToArray();
        var (before, after) = (Logits(original, digits, judged), Logits(coarse, digits, judged));
        Assert.AreEqual(Share(before.Zip(labels, (scores, label) => Best(scores) == label)), comparison.Metric!.Original);
        Assert.AreEqual(Share(after.Zip(labels, (scores, label) => Best(scores) == label)), comparison.Metric.Compressed);
        Assert.AreEqual(Share(before.Zip(after, (left, right) => Best(left) == Best(right))), comparison.Agreement);
        Assert.AreEqual(Share(after.Zip(labels, (scores, label) => scores.OrderDescending().Take(5).Contains(scores[label]))), comparison.Top5Compressed);
        var signal = before.Sum(scores => scores.Sum(x => (double)x * x));
        var noise = before.Zip(after, (left, right) => left.Zip(right, (x, y) => ((double)x - y) * ((double)x - y)).Sum()).Sum();
        Assert.AreEqual(10 * Math.Log10(signal / noise), comparison.SqnrDb!.Value, 1e-9);

        // Three bits are too few: were nothing lost, the equalities above would show little.
        Assert.IsGreaterThan(0.98, comparison.Metric.Original);
        Assert.IsGreaterThan(0, comparison.Metric.Drop);
        Assert.IsLessThan(25, comparison.SqnrDb.Value);
    }

    /// <summary>Rounds every weight tensor to seven levels.</summary>
    private static byte[] WithCoarseWeights(string source)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(source));
        var weights = model.Graph.Initializer.Where(tensor => tensor.ElementType() == TensorProto.Types.DataType.Float && tensor.Dims.Count >= 2).ToArray();
        foreach (var weight in weights)
        {
            var values = weight.Singles().ToArray();
            var scale = values.Max(Math.Abs) / 3;
            weight.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values.Select(value => MathF.Round(value / scale) * scale).ToArray()));
            weight.FloatData.Clear();
        }

        Assert.IsNotEmpty(weights);
        return model.ToByteArray();
    }

    private static float[][] Logits(ModelSession session, SampleSet digits, int[] indices) => [.. digits.Read(indices).Select(digit =>
    {
        var logits = Array.Empty<float>();
        session.Run(digit.Inputs, (_, _, _, bytes) => logits = MemoryMarshal.Cast<byte, float>(bytes).ToArray(), CancellationToken.None);
        return logits;
    })];

    private static int Best(float[] scores) => Array.IndexOf(scores, scores.Max());

    private static double Share(IEnumerable<bool> outcomes)
    {
        var all = outcomes.ToArray();
        return (double)all.Count(outcome => outcome) / all.Length;
    }
}
