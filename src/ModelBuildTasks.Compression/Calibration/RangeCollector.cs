using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Observes activations while a model runs over samples.</summary>
internal static class RangeCollector
{
    /// <summary>
    /// The range of every float value of the main graph (inputs, and outputs of nodes but constants) over the samples, from one session whose intermediate outputs are exposed. It holds the
    /// activations of one sample at a time. A value without a finite range (an attention mask of −∞, a tensor without elements) is left out, as nothing can quantize it.
    /// </summary>
    /// <param name="model">As it will be quantized; unchanged afterwards.</param>
    /// <param name="samples">What it runs over.</param>
    /// <param name="indices">Which of the samples, best ascending.</param>
    /// <param name="method">How a range is told from what was observed. All but min-max keep a histogram for each value: 16 KB, whatever the number of samples.</param>
    /// <param name="progress">Told the fraction done after each sample.</param>
    /// <param name="cancellationToken">Ends a run at the next operator.</param>
    /// <exception cref="CompressionException">
    /// AIM1007: the model does not run on a sample. AIM1101, AIM1104, AIM1106: a sample is wrong. AIM1106: an output of the model is NaN or infinite.
    /// </exception>
    public static ActivationRanges Collect(OnnxModel model, SampleSet samples, IReadOnlyList<int> indices, CalibrationMethod method, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var session = ObservedModel.Open(model);
        var floats = session.Inputs.Concat(session.Outputs).Where(port => port.Kind == PortKind.Tensor && port.Type == DataType.Float).Select(port => port.Name);
        var observations = floats.Distinct(StringComparer.Ordinal).ToDictionary(name => name, _ => new RangeObservation(method), StringComparer.Ordinal);
        var outputs = session.Outputs.Select(port => observations.GetValueOrDefault(port.Name)).ToArray();
        var done = 0;
        var run = new StatefulRun(session, samples.States);
        foreach (var sample in samples.Read(indices))
        {
            var inputs = run.Inputs(sample.Series, sample.Inputs);
            foreach (var (name, value) in inputs)
            {
                if (value is TensorValue { Type: DataType.Float } tensor)
                {
                    observations[name].Include(tensor.Singles);
                }
            }

            run.Run(inputs, (index, _, _, bytes) => outputs[index]?.Include(MemoryMarshal.Cast<byte, float>(bytes)), cancellationToken);
            CheckOutputs(model, observations, sample.Index);
            progress?.Report((double)++done / indices.Count);
        }

        var ranges = new Dictionary<string, ValueRange>(StringComparer.Ordinal);
        foreach (var (name, observation) in observations)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (observation.Range is { } range)
            {
                ranges.Add(name, range);
            }
        }

        return new ActivationRanges(ranges, method);
    }

    private static void CheckOutputs(OnnxModel model, Dictionary<string, RangeObservation> observations, int sample)
    {
        bool IsWrong(string value) => observations.GetValueOrDefault(value) is { IsFinite: false };

        var graph = model.Proto.Graph;
        if (graph.Output.FirstOrDefault(output => IsWrong(output.Name)) is not { } wrong)
        {
            return;
        }

        // Back to where it came from: infinities elsewhere may be meant.
        var (value, origin) = (wrong.Name, default(NodeProto));
        while (graph.Node.FirstOrDefault(node => node.Output.Contains(value)) is { } producer && producer != origin)
        {
            origin = producer;
            value = producer.Input.FirstOrDefault(IsWrong) ?? value;
        }

        throw new CompressionException(
            DiagnosticCodes.DataNotFinite,
            model.Path,
            $"'{Path.GetFileName(model.Path)}' computes a NaN or an infinity from sample {sample}: '{value}', written by {origin?.OpType} '{origin?.Name}', reaches its output '{wrong.Name}'. Remove the sample or correct the model.");
    }
}
