using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Observes activations while a model runs over samples.</summary>
internal static class RangeCollector
{
    /// <summary>The range of every float value of the main graph (inputs, and outputs of nodes but constants) over the samples.</summary>
    /// <inheritdoc cref="Collect(OnnxModel, SampleSet, IReadOnlyList{int}, CalibrationMethod, IReadOnlySet{string}?, IReadOnlyDictionary{string, int}?, IProgress{double}?, CancellationToken)"/>
    public static ActivationRanges Collect(OnnxModel model, SampleSet samples, IReadOnlyList<int> indices, CalibrationMethod method, IProgress<double>? progress, CancellationToken cancellationToken) =>
        Collect(model, samples, indices, method, values: null, meanAxes: null, progress, cancellationToken);

    /// <summary>
    /// The ranges of a model's float inputs and outputs and of chosen float values of its main graph over the samples, from one session whose intermediate outputs are exposed. It holds the
    /// activations of one sample at a time. A value without a finite range (an attention mask of −∞, a tensor without elements) is left out, as nothing can quantize it.
    /// </summary>
    /// <param name="model">As it will be quantized; unchanged afterwards.</param>
    /// <param name="samples">What it runs over.</param>
    /// <param name="indices">Which of the samples, best ascending.</param>
    /// <param name="method">How a range is told from what was observed. All but min-max keep a histogram for each value: 16 KB, whatever the number of samples.</param>
    /// <param name="values">The values between inputs and outputs to observe; null is every one. The fewer, the faster and the less memory.</param>
    /// <param name="meanAxes">The values, among those, of which the mean of each channel is told, with the axis of the channels; null is none.</param>
    /// <param name="progress">Told the fraction done after each sample.</param>
    /// <param name="cancellationToken">Ends a run at the next operator.</param>
    /// <exception cref="CompressionException">
    /// AIM1007: the model does not run on a sample. AIM1101, AIM1104, AIM1106: a sample is wrong. AIM1106: an output of the model is NaN or infinite.
    /// </exception>
    public static ActivationRanges Collect(
        OnnxModel model,
        SampleSet samples,
        IReadOnlyList<int> indices,
        CalibrationMethod method,
        IReadOnlySet<string>? values,
        IReadOnlyDictionary<string, int>? meanAxes,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var session = ObservedModel.Open(model, values);
        var observations = Observations(session, method, meanAxes);
        var run = new StatefulRun(session, samples.States);
        var done = 0;
        foreach (var sample in samples.Read(indices))
        {
            var inputs = run.Inputs(sample.Series, sample.Inputs);
            Observe(session.Outputs, run, inputs, observations, cancellationToken);
            if (model.Proto.Graph.Output.Any(output => observations.GetValueOrDefault(output.Name) is { IsFinite: false }))
            {
                throw NotFinite(model, sample.Index, inputs, cancellationToken);
            }

            progress?.Report((double)++done / indices.Count);
        }

        return Ranges(model, observations, method, cancellationToken);
    }

    private static Dictionary<string, RangeObservation> Observations(ModelSession session, CalibrationMethod method, IReadOnlyDictionary<string, int>? meanAxes) => session.Inputs.Concat(session.Outputs)
        .Where(port => port.Kind == PortKind.Tensor && port.Type == DataType.Float).Select(port => port.Name).Distinct(StringComparer.Ordinal)
        .ToDictionary(name => name, name => new RangeObservation(method, meanAxes is not null && meanAxes.TryGetValue(name, out var axis) ? axis : null), StringComparer.Ordinal);

    private static void Observe(
        IReadOnlyList<ModelPort> outputs, StatefulRun run, IReadOnlyDictionary<string, ModelValue> inputs, Dictionary<string, RangeObservation> observations, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in inputs)
        {
            if (value is TensorValue { Type: DataType.Float } tensor)
            {
                observations[name].Include(tensor.Singles, tensor.Shape);
            }
        }

        // Each output has an observation of its own, so that any number of threads may read at once.
        run.Run(
            inputs,
            (index, _, shape, bytes) => observations.GetValueOrDefault(outputs[index].Name)?.Include(MemoryMarshal.Cast<byte, float>(bytes), shape),
            cancellationToken);
    }

    private static ActivationRanges Ranges(OnnxModel model, Dictionary<string, RangeObservation> observations, CalibrationMethod method, CancellationToken cancellationToken)
    {
        var names = observations.Keys.ToArray();
        var found = new ValueRange?[names.Length];
        Parallel.For(0, names.Length, new ParallelOptions { CancellationToken = cancellationToken }, index => found[index] = observations[names[index]].Range);
        var ranges = names.Zip(found).Where(each => each.Second is not null).ToDictionary(each => each.First, each => each.Second!.Value, StringComparer.Ordinal);

        var graph = model.Proto.Graph;
        var shaped = graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Where(value => value.Type?.TensorType?.Shape is not null).Select(value => value.Name).ToHashSet(StringComparer.Ordinal);
        var ranks = observations.Where(each => each.Value.Rank is not null && !shaped.Contains(each.Key)).ToDictionary(each => each.Key, each => each.Value.Rank!.Value, StringComparer.Ordinal);
        var means = observations.Where(each => each.Value.Means is not null).ToDictionary(each => each.Key, each => each.Value.Means!, StringComparer.Ordinal);
        return new ActivationRanges(ranges, method) { Ranks = ranks, Means = means };
    }

    /// <summary>The error of a sample whose outputs are not finite, told from every value of another run.</summary>
    private static CompressionException NotFinite(OnnxModel model, int sample, IReadOnlyDictionary<string, ModelValue> inputs, CancellationToken cancellationToken)
    {
        using var session = ObservedModel.Open(model, values: null);
        var observations = Observations(session, CalibrationMethod.MinMax, null);
        Observe(session.Outputs, new StatefulRun(session, []), inputs, observations, cancellationToken);

        bool IsWrong(string value) => observations.GetValueOrDefault(value) is { IsFinite: false };

        // Back to where it came from: infinities elsewhere may be meant.
        var graph = model.Proto.Graph;
        var wrong = graph.Output.FirstOrDefault(output => IsWrong(output.Name))?.Name;
        var (value, origin) = (wrong ?? "", default(NodeProto));
        while (graph.Node.FirstOrDefault(node => node.Output.Contains(value)) is { } producer && producer != origin)
        {
            origin = producer;
            value = producer.Input.FirstOrDefault(IsWrong) ?? value;
        }

        var where = wrong is null ? "" : $": '{value}', written by {origin?.OpType} '{origin?.Name}', reaches its output '{wrong}'";
        return new CompressionException(
            DiagnosticCodes.DataNotFinite,
            model.Path,
            $"'{Path.GetFileName(model.Path)}' computes a NaN or an infinity from sample {sample}{where}. Remove the sample or correct the model.");
    }
}
