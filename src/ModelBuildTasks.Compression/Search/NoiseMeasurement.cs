using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Search;

/// <summary>Measures what each format of each layer does, in one pass over samples (<see cref="ProbedModel"/>, <see cref="NoiseGains"/>).</summary>
internal static class NoiseMeasurement
{
    /// <summary>The noise of every layer, in the order of the graph.</summary>
    public static IReadOnlyList<LayerNoise> Measure(SearchedModel searched, SampleSet samples, IReadOnlyList<int> indices, CancellationToken cancellationToken)
    {
        using var model = searched.Load();
        var graph = model.EditGraph();
        PostTrainingQuantization.Prepare(model, graph, searched.Ranges, searched.Context.KeepFloat, FormatAssignment.Int8);
        graph.Commit();
        var plan = QuantizationPlanner.Plan(graph, model.Opset, searched.Ranges, searched.Context.KeepFloat, CostTable.None, FormatAssignment.Int8);
        var types = new ValueTypes(graph);
        var probed = ProbedModel.Of(model, graph, plan, searched, NoiseGains.Decisive(graph, types.MayBeFloat));

        var sums = Run(model, searched, samples, indices, probed.Probes.Select(probe => probe.Output).Concat(probed.Energies.Values), cancellationToken);
        var energies = probed.Energies.ToDictionary(each => each.Key, each => sums[each.Value], StringComparer.Ordinal);
        var gains = NoiseGains.Of(graph, energies);
        return [.. probed.Probes.GroupBy(probe => probe.Layer).Select(layer => new LayerNoise(layer.Key, layer.ToDictionary(probe => probe.Format, probe => Ratio(sums[probe.Output], energies[probe.Value]) * gains.GetValueOrDefault(probe.Value))))];
    }

    private static double Ratio(double noise, double signal) => signal > 0 ? noise / signal : 0;

    private static Dictionary<string, double> Run(OnnxModel model, SearchedModel searched, SampleSet samples, IReadOnlyList<int> indices, IEnumerable<string> outputs, CancellationToken cancellationToken)
    {
        var path = Path.Combine(searched.WorkFolder, "probed.onnx");
        model.SaveOfAnySize(path);
        var sums = outputs.ToDictionary(output => output, _ => 0.0, StringComparer.Ordinal);
        using var session = ModelSession.Open(path, new SessionSettings { ReportedPath = searched.ModelPath, MemoryPattern = false });
        var run = new StatefulRun(session, samples.States);
        foreach (var sample in samples.Read(indices))
        {
            run.Run(run.Inputs(sample.Series, sample.Inputs), (index, _, _, bytes) => Add(session.Outputs[index].Name, bytes), cancellationToken);
        }

        return sums;

        void Add(string output, ReadOnlySpan<byte> bytes)
        {
            if (sums.TryGetValue(output, out var sum))
            {
                sums[output] = sum + MemoryMarshal.Cast<byte, float>(bytes)[0];
            }
        }
    }
}
