using System.Diagnostics;
using System.Globalization;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Simplification;

namespace Benchmarks.Models;

/// <summary>What simplification alone does to a float model: its nodes, how exactly it computes the same, and how much faster, the two in turns on one thread.</summary>
internal static class SimplificationEffect
{
    private const int Rounds = 31;
    private const int MostSamples = 8;

    /// <summary>Prints one row of a table.</summary>
    /// <param name="modelPath">The original.</param>
    /// <param name="samplesPath">Samples for it.</param>
    public static int Run(string modelPath, string samplesPath)
    {
        var work = Directory.CreateTempSubdirectory("benchmark-");
        try
        {
            var simplifiedPath = Path.Combine(work.FullName, "result.onnx");
            int originalNodes, nodes;
            using (var original = OnnxModel.Load(Path.GetFullPath(modelPath)))
            using (var simplified = RuntimeSimplification.Load(Path.GetFullPath(modelPath), work.FullName))
            {
                originalNodes = Nodes(original);
                nodes = Nodes(simplified);
                simplified.SaveWithShortNames(simplifiedPath);
            }

            using var before = ModelSession.Open(Path.GetFullPath(modelPath), new SessionSettings());
            using var after = ModelSession.Open(simplifiedPath, new SessionSettings());
            var samples = SampleSet.Open([Path.GetFullPath(samplesPath)], before.Ports, new ImageOptions());
            int[] indices = [.. Enumerable.Range(0, Math.Min(MostSamples, samples.Count))];
            var worst = double.PositiveInfinity;
            foreach (var sample in samples.Read(indices))
            {
                foreach (var (expected, actual) in Outputs(before, sample.Inputs).Zip(Outputs(after, sample.Inputs)))
                {
                    worst = Math.Min(worst, OutputDistance.Between(expected, actual).SqnrDb);
                }
            }

            var (slow, fast) = (new double[Rounds], new double[Rounds]);
            for (var round = -1; round < Rounds; round++)
            {
                var times = (Time(before, samples, indices), Time(after, samples, indices));
                if (round >= 0)
                {
                    (slow[round], fast[round]) = times;
                }
            }

            var ratio = slow.Zip(fast, (first, second) => first / second).Order().ElementAt(Rounds / 2);
            var (originalBytes, bytes) = (new FileInfo(modelPath).Length, new FileInfo(simplifiedPath).Length);
            Console.WriteLine("| model | nodes | SQNR, the worst sample | bytes | faster |");
            Console.WriteLine("|---|---|---|---|---|");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {Path.GetFileNameWithoutExtension(modelPath)} | {originalNodes} → {nodes} | {worst:F1} dB | {originalBytes:N0} → {bytes:N0} | {ratio:F2}× |"));
            return 0;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    // Constants are no work.
    private static int Nodes(OnnxModel model) => model.Proto.Graph.Node.Count(node => !node.IsConstant());

    private static List<float[]> Outputs(ModelSession session, IReadOnlyDictionary<string, ModelValue> inputs)
    {
        var outputs = new List<float[]>();
        session.Run(
            inputs,
            (_, type, _, bytes) =>
            {
                var values = new float[FloatConversion.Count(type, bytes.Length)];
                FloatConversion.ToSingles(type, bytes, values);
                outputs.Add(values);
            },
            CancellationToken.None);
        return outputs;
    }

    private static double Time(ModelSession session, SampleSet samples, int[] indices)
    {
        var seconds = 0.0;
        foreach (var sample in samples.Read(indices))
        {
            var start = Stopwatch.GetTimestamp();
            session.Run(sample.Inputs, (_, _, _, _) => { }, CancellationToken.None);
            seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return seconds;
    }
}
