using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>The dimensions of a model's values in one run.</summary>
internal static class ValueDimensions
{
    /// <summary>Lengths that are tried for dimensions of which the model tells nothing; a batch is of one.</summary>
    private static readonly long[] Lengths = [64, 224, 16, 1];

    /// <summary>Runs the model once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">What it is run on; null for zeros.</param>
    /// <param name="index">Which sample.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The dimensions by the value's name; none where no run succeeds without samples.</returns>
    public static IReadOnlyDictionary<string, long[]> Of(OnnxModel model, SampleSet? samples, int index, CancellationToken cancellationToken)
    {
        using var session = ObservedModel.Open(model, null);
        if (samples is not null)
        {
            var run = new StatefulRun(session, samples.States);
            var sample = samples.Read([index]).First();
            return Run(session, run.Inputs(sample.Series, sample.Inputs), cancellationToken);
        }

        foreach (var length in Lengths)
        {
            try
            {
                return Run(session, session.Inputs.Where(port => port.Kind == PortKind.Tensor).ToDictionary(port => port.Name, ModelValue (port) => Zeros(port, length), StringComparer.Ordinal), cancellationToken);
            }
            catch (CompressionException exception) when (exception.Code == DiagnosticCodes.ModelDoesNotRun)
            {
                // The next length may fit.
            }
        }

        return new Dictionary<string, long[]>();
    }

    private static Dictionary<string, long[]> Run(ModelSession session, IReadOnlyDictionary<string, ModelValue> inputs, CancellationToken cancellationToken)
    {
        var found = inputs.Where(input => input.Value is TensorValue).ToDictionary(input => input.Key, input => ((TensorValue)input.Value).Shape, StringComparer.Ordinal);
        session.Run(
            inputs,
            (output, _, shape, _) =>
            {
                var dims = shape.ToArray();
                lock (found)
                {
                    found[session.Outputs[output].Name] = dims;
                }
            },
            cancellationToken);
        return found;
    }

    private static TensorValue Zeros(ModelPort port, long length)
    {
        long[] shape = [.. port.Shape.Select((dimension, axis) => dimension >= 0 ? dimension : axis == 0 ? 1 : length)];
        return new TensorValue(port.Type, shape, new byte[port.Type.Bytes(shape.Aggregate(1L, (product, dimension) => product * dimension))]);
    }
}
