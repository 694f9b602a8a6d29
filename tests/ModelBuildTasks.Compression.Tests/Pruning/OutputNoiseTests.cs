using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.Pruning;

[TestClass]
public sealed class OutputNoiseTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_model_that_did_not_change_has_none() => Assert.AreEqual(0, Noise(Scaling(2), Scaling(2)));

    [TestMethod]
    public void A_model_that_gives_nothing_has_one() => Assert.AreEqual(1, Noise(Scaling(2), Scaling(0)), 1e-9);

    /// <summary>1.5 in place of 2: a quarter of the amplitude is missing.</summary>
    [TestMethod]
    public void It_is_the_energy_of_the_difference_by_that_of_the_outputs() => Assert.AreEqual(1.0 / 16, Noise(Scaling(2), Scaling(1.5f)), 1e-7);

    [TestMethod]
    public void Outputs_that_are_not_finite_make_it_infinite() => Assert.AreEqual(double.PositiveInfinity, Noise(Scaling(2), Scaling(float.PositiveInfinity)));

    [TestMethod]
    public void Each_output_counts_alike() => Assert.AreEqual(0.5, Noise(Scaling(2, 100), Scaling(0, 100)), 1e-9);

    private static ModelBuilder Scaling(params float[] factors)
    {
        var builder = ModelBuilder.Create().Input("x", 1, 6);
        for (var output = 0; output < factors.Length; output++)
        {
            builder.Constant($"f{output}", [factors[output]]).Node("Mul", ["x", $"f{output}"], [$"y{output}"]).Output($"y{output}", 1, 6);
        }

        return builder;
    }

    private double Noise(ModelBuilder before, ModelBuilder after)
    {
        using var original = before.Load(folder, "before.onnx");
        using var changed = after.Load(folder, "after.onnx");
        var samples = new ShapedSamples([1, 6], 50);
        return OutputNoise.Of(original, new PruningSamples(samples, [.. Enumerable.Range(0, samples.Count)]), CancellationToken.None).Measure(changed, CancellationToken.None);
    }
}
