using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using System.Runtime.InteropServices;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Rounds the weights of a model in the order in which its layers run, each by what it reads of those before it as they have become.</summary>
internal static class SequentialRounding
{
    /// <summary>Rows that settle the Hessian of few inputs.</summary>
    private const int LeastRows = 4096;

    /// <summary>Rounds.</summary>
    public static RoundedWeights Run(
        OnnxModel model, RecordingRounder recorded, IReadOnlyDictionary<string, float[]> means, SampleSet samples, IReadOnlyList<int> indices, RoundingEffort effort, Action<RoundedWeight, int, int>? report, CancellationToken cancellationToken)
    {
        var shadow = new ShadowModel(model, means);
        var layers = RoundedLayer.Of(shadow.Graph, recorded.Targets);
        var used = SampleSpread.Of(indices, effort.Samples, samples.States.Count > 0);
        var rounded = new RoundedWeights();
        var length = Math.Max(1, (layers.Count + effort.Steps - 1) / effort.Steps);
        var done = 0;
        foreach (var step in layers.Chunk(length))
        {
            var observed = Observe(shadow, step, samples, used, effort, cancellationToken);
            var outcomes = new RoundedWeight[step.Length];
            Parallel.For(0, step.Length, new ParallelOptions { CancellationToken = cancellationToken }, index => outcomes[index] = LayerRounding.Round(step[index], observed[index], cancellationToken));
            for (var index = 0; index < step.Length; index++)
            {
                rounded.Add(outcomes[index]);
                shadow.Take(step[index], outcomes[index]);
                report?.Invoke(outcomes[index], ++done, layers.Count);
            }
        }

        return rounded;
    }

    private static double[][][] Observe(ShadowModel shadow, RoundedLayer[] layers, SampleSet samples, IReadOnlyList<int> indices, RoundingEffort effort, CancellationToken cancellationToken)
    {
        var observations = layers.SelectMany((layer, index) => layer.Values.Select(value => (Value: value, Layer: index, Observation: new InputObservation(layer.Inputs, Math.Max(1, Math.Max(LeastRows, layer.Inputs.Depth * effort.RowsPerInput) / indices.Count)))))
            .GroupBy(each => each.Value).ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        // A model without an output is none, and inputs of the model are no outputs.
        using var session = shadow.Open(observations.Keys.Append(layers[0].Readers[0].Output[0]).ToHashSet(StringComparer.Ordinal), samples.States.Count == 0);
        var run = new StatefulRun(session, samples.States);
        foreach (var sample in samples.Read(indices))
        {
            var inputs = run.Inputs(sample.Series, sample.Inputs);
            foreach (var (name, value) in inputs)
            {
                if (value is TensorValue { Type: TensorProto.Types.DataType.Float } tensor && observations.TryGetValue(name, out var readers))
                {
                    foreach (var reader in readers)
                    {
                        reader.Observation.Add(tensor.Singles, tensor.Shape, sample.Index);
                    }
                }
            }

            run.Run(
                inputs,
                (index, _, shape, bytes) =>
                {
                    foreach (var reader in observations.GetValueOrDefault(session.Outputs[index].Name) ?? [])
                    {
                        reader.Observation.Add(MemoryMarshal.Cast<byte, float>(bytes), shape, sample.Index);
                    }
                },
                cancellationToken);
        }

        return [.. layers.Select((layer, index) => observations.Values.SelectMany(each => each).Where(each => each.Layer == index).ToArray())
            .Select(each => Enumerable.Range(0, each[0].Observation.Hessians.Count).Select(group => each[0].Observation.Hessians[group].Matrix(Environment.GetEnvironmentVariable("AIM_CENTRED") == "1")).ToArray())];
    }
}
