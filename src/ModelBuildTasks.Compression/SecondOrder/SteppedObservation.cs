using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>What layers read of samples, step by step: between two steps the model may change. Only Hessians of one step are held.</summary>
/// <param name="open">Opens what computes some values of the model as it is: which, and whether they are all that is computed.</param>
/// <param name="samples">The samples that calibrate.</param>
/// <param name="indices">Those of them that are used.</param>
/// <param name="effort">How many steps there are, and of how many rows a Hessian is made.</param>
/// <param name="cancellationToken">Ends it early.</param>
internal sealed class SteppedObservation(Func<IReadOnlySet<string>, bool, ModelSession> open, SampleSet samples, IReadOnlyList<int> indices, RoundingEffort effort, CancellationToken cancellationToken)
{
    /// <summary>Bytes of the Hessians of a step, unless one layer has more.</summary>
    private const long LargestStep = 256L << 20;

    private delegate void ValueReader(string value, ReadOnlySpan<float> singles, ReadOnlySpan<long> shape, int sample);

    /// <summary>Layers in steps, in their order.</summary>
    public IEnumerable<IReadOnlyList<TLayer>> Steps<TLayer>(IReadOnlyList<TLayer> layers)
        where TLayer : ObservedLayer
    {
        var most = (layers.Count + effort.Steps - 1) / effort.Steps;
        var (step, bytes) = (new List<TLayer>(), 0L);
        foreach (var layer in layers)
        {
            var own = (long)sizeof(double) * layer.Inputs.Groups * layer.Inputs.Depth * layer.Inputs.Depth * layer.Values.Count();
            if (step.Count > 0 && (step.Count == most || bytes + own > LargestStep))
            {
                yield return step;
                (step, bytes) = ([], 0);
            }

            step.Add(layer);
            bytes += own;
        }

        if (step.Count > 0)
        {
            yield return step;
        }
    }

    /// <summary>The Hessians of each layer's groups, by the name of its weight. The model runs once over the samples, up to the last of the layers.</summary>
    public Dictionary<string, IReadOnlyList<LayerHessian>> Observe(IReadOnlyList<ObservedLayer> step)
    {
        var observations = step.SelectMany(layer => layer.Values.Select(value => (Value: value, Weight: layer.Weight.Name, Observation: new InputObservation(layer.Inputs, Math.Max(1, effort.Rows(layer.Inputs) / indices.Count))))).ToArray();
        var byValue = observations.ToLookup(each => each.Value, each => each.Observation, StringComparer.Ordinal);
        Read(step, indices, (value, singles, shape, sample) =>
        {
            foreach (var observation in byValue[value])
            {
                observation.Add(singles, shape, sample);
            }
        });
        return observations.GroupBy(each => each.Weight).ToDictionary(each => each.Key, each => Sum([.. each.Select(one => one.Observation)]), StringComparer.Ordinal);
    }

    /// <summary>How many multiply-adds layers take for the first sample.</summary>
    public double Products(IReadOnlyList<ObservedLayer> layers)
    {
        var shapes = new ConcurrentDictionary<string, long[]>(StringComparer.Ordinal);
        Read(layers, indices.Take(1), (value, _, shape, _) => shapes[value] = shape.ToArray());
        return layers.Sum(layer => layer.Values.Sum(value => (double)layer.Inputs.Rows(shapes[value]).Positions * layer.Weight.Tensor.ElementCount()));
    }

    private void Read(IReadOnlyList<ObservedLayer> layers, IEnumerable<int> chosen, ValueReader add)
    {
        var values = layers.SelectMany(layer => layer.Values).ToHashSet(StringComparer.Ordinal);
        // A model has an output, and what comes in is none.
        using var session = open(values.Append(layers[0].Readers[0].Output[0]).ToHashSet(StringComparer.Ordinal), samples.States.Count == 0);
        var run = new StatefulRun(session, samples.States);
        foreach (var sample in samples.Read(chosen))
        {
            var inputs = run.Inputs(sample.Series, sample.Inputs);
            foreach (var (name, value) in inputs)
            {
                if (value is TensorValue { Type: DataType.Float } tensor)
                {
                    Add(name, tensor.Singles, tensor.Shape, sample.Index);
                }
            }

            // Each value has observations of its own, so that any number of threads may read at once.
            run.Run(inputs, (index, _, shape, bytes) => Add(session.Outputs[index].Name, MemoryMarshal.Cast<byte, float>(bytes), shape, sample.Index), cancellationToken);
        }

        void Add(string name, ReadOnlySpan<float> singles, ReadOnlySpan<long> shape, int sample)
        {
            if (values.Contains(name))
            {
                add(name, singles, shape, sample);
            }
        }
    }

    /// <summary>The Hessians of a weight that is multiplied with several values.</summary>
    private static IReadOnlyList<LayerHessian> Sum(IReadOnlyList<InputObservation> observations)
    {
        foreach (var other in observations.Skip(1))
        {
            for (var group = 0; group < other.Hessians.Count; group++)
            {
                observations[0].Hessians[group].Add(other.Hessians[group]);
            }
        }

        return observations[0].Hessians;
    }
}
