using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Measures what a change of a model does to its outputs: noise ÷ signal against the outputs that it had before, on a few samples.</summary>
internal sealed class OutputNoise
{
    private const int MostSamples = 32;

    /// <summary>Bytes of outputs that are kept to compare with; a model of large outputs is measured on fewer samples.</summary>
    private const long MostKept = 128L << 20;

    private readonly SampleSet samples;
    private readonly List<int> indices;
    private readonly List<Dictionary<string, float[]>> references = [];

    private OutputNoise(SampleSet samples, List<int> indices) => (this.samples, this.indices) = (samples, indices);

    /// <summary>Keeps the outputs of a model as it is now.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">What it is run on: some of them, evenly spread; the first ones where states are carried.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static OutputNoise Of(OnnxModel model, PruningSamples samples, CancellationToken cancellationToken)
    {
        var noise = new OutputNoise(samples.Set, [.. SampleSpread.Of(samples.Indices, MostSamples, samples.Set.States.Count > 0)]);
        var kept = 0L;
        foreach (var outputs in Runs(model, noise.samples, [.. noise.indices], cancellationToken))
        {
            noise.references.Add(outputs);
            kept += outputs.Values.Sum(values => (long)values.Length * sizeof(float));
            if (kept > MostKept)
            {
                break;
            }
        }

        noise.indices.RemoveRange(noise.references.Count, noise.indices.Count - noise.references.Count);
        return noise;
    }

    /// <summary>Σ (y − y′)² ÷ Σ y² of the model as it is now: the mean over its outputs of float32. 0 where nothing changed, 1 for outputs that are all zero, and infinite for some that are not finite.</summary>
    /// <param name="changed">The model; its outputs are of the same shapes.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public double Measure(OnnxModel changed, CancellationToken cancellationToken)
    {
        var sums = new SortedDictionary<string, (double Signal, double Noise)>(StringComparer.Ordinal);
        foreach (var (outputs, reference) in Runs(changed, samples, indices, cancellationToken).Zip(references))
        {
            foreach (var (name, values) in outputs)
            {
                // An output may have another length, as many as what is found in a picture.
                var (signal, noise) = values.Length == reference[name].Length ? ErrorEnergy.Accumulate(reference[name], values) : (0, double.PositiveInfinity);
                var sum = sums.GetValueOrDefault(name);
                sums[name] = (sum.Signal + signal, sum.Noise + noise);
            }
        }

        return sums.Count == 0 ? 0 : sums.Values.Average(sum => Ratio(sum.Signal, sum.Noise));
    }

    private static double Ratio(double signal, double noise) => noise == 0 ? 0 : double.IsFinite(noise) && signal > 0 ? noise / signal : double.PositiveInfinity;

    /// <summary>The outputs of float32 of one sample after the other.</summary>
    private static IEnumerable<Dictionary<string, float[]>> Runs(OnnxModel model, SampleSet samples, IReadOnlyList<int> indices, CancellationToken cancellationToken)
    {
        using var session = ObservedModel.Open(model, new HashSet<string>());
        var run = new StatefulRun(session, samples.States);
        foreach (var sample in samples.Read(indices))
        {
            var outputs = new Dictionary<string, float[]>(StringComparer.Ordinal);
            run.Run(
                run.Inputs(sample.Series, sample.Inputs),
                (index, type, _, bytes) =>
                {
                    if (type == DataType.Float && session.Outputs[index].IsNumeric)
                    {
                        var values = MemoryMarshal.Cast<byte, float>(bytes).ToArray();
                        lock (outputs)
                        {
                            outputs[session.Outputs[index].Name] = values;
                        }
                    }
                },
                cancellationToken);
            yield return outputs;
        }
    }
}
