using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Compression.Simplification;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Search;

[TestClass]
public sealed class NoiseMeasurementTests : IDisposable
{
    private readonly SearchedNetwork network = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        folder.Dispose();
        network.Dispose();
    }

    /// <summary>What is expected of a layer alone against what a model with that layer alone in a format has: they may differ, as gains are of first order, but not by much.</summary>
    [TestMethod]
    [DataRow((int)LayerFormat.Int8, 4.0)]
    [DataRow((int)LayerFormat.Int8Weights, 4.0)]
    public void The_noise_expected_of_a_layer_is_near_the_one_that_it_makes(int format, double decibels)
    {
        var (samples, indices) = Samples();
        var searched = Searched(samples, indices);
        var noises = NoiseMeasurement.Measure(searched, samples, indices, CancellationToken.None);
        using var run = new TrialRun(searched, samples, indices, new SearchGoal(Metric.Cosine, null, 1, null, OptimizationGoal.Latency));

        var measured = noises.Where(noise => noise.Of((LayerFormat)format) > 0).Select(noise => (
            Expected: -10 * Math.Log10(noise.Of((LayerFormat)format)),
            Real: run.Compare([Only(noise.Layer, (LayerFormat)format)], CancellationToken.None)[0].SqnrDb!.Value)).ToArray();

        Assert.IsGreaterThan(8, measured.Length);
        Assert.IsLessThan(decibels, measured.Average(each => Math.Abs(each.Expected - each.Real)), string.Join(", ", measured));
    }

    [TestMethod]
    public void Weights_alone_make_less_noise_than_weights_and_activations()
    {
        var (samples, indices) = Samples();
        foreach (var noise in NoiseMeasurement.Measure(Searched(samples, indices), samples, indices, CancellationToken.None).Where(noise => noise.Of(LayerFormat.Int8) > 0))
        {
            Assert.IsLessThan(noise.Of(LayerFormat.Int8) * 1.5, noise.Of(LayerFormat.Int8Weights), noise.Layer);
        }
    }

    private static FormatAssignment Only(string layer, LayerFormat format) =>
        new(new LayerChoice(LayerFormat.Float, LayerFormat.Float)) { Choices = new Dictionary<string, LayerChoice> { [layer] = new(format) } };

    private (SampleSet Samples, IReadOnlyList<int> Indices) Samples()
    {
        using var session = ModelSession.Open(network.Request.ModelPath, SessionSettings.OnlyLoad);
        var samples = SampleSet.Open(network.Request.Calibration, session.Ports, new ImageOptions());
        return (samples, [.. Enumerable.Range(0, samples.Count)]);
    }

    private SearchedModel Searched(SampleSet samples, IReadOnlyList<int> indices)
    {
        var simplified = folder.File("simplified.onnx");
        using var model = RuntimeSimplification.Load(network.Request.ModelPath, folder.Path, simplified);
        var ranges = RangeCollector.Collect(model, samples, indices, CalibrationMethod.Auto, null, CancellationToken.None);
        return new SearchedModel(new PreparedModel(network.Request.ModelPath, simplified, PrunedPath: null, folder.Path), IsEqualized: false, new PassContext(DeviceProfiles.WithoutCosts, ranges, [], CancellationToken.None));
    }
}
