using System.Runtime.InteropServices;
using Google.Protobuf;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using ModelBuildTasks.Tests.Emulation;

namespace ModelBuildTasks.Compression.Tests.Emulation;

/// <summary>Quantized networks on this machine and on an emulated processor that adds pairs of products in 16 bits.</summary>
[TestClass]
public sealed class SaturatingNetworkTests
{
    private static readonly Lazy<NetworkSqnr[]> measured = new(Measure);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(nameof(SampleNetwork.MobileNet))]
    [DataRow(nameof(SampleNetwork.ResNet))]
    public void With_the_pair_bound_a_network_is_as_exact_where_pairs_saturate_as_on_this_machine(string name)
    {
        EmulatedProcessor.Haswell.RequireOrSkip();
        var sqnr = Sqnr(name);

        Assert.IsGreaterThan(20, sqnr.BoundHere);
        Assert.AreEqual(sqnr.BoundHere, sqnr.BoundEmulated, 0.1);
    }

    /// <summary>Pairs do saturate there: what the other test sees is not that nothing happens. The residual network has few pairs of two large weights and loses less than the bound costs.</summary>
    [TestMethod]
    public void With_the_full_range_a_network_loses_much_of_its_accuracy_where_pairs_saturate()
    {
        EmulatedProcessor.Haswell.RequireOrSkip();
        var sqnr = Sqnr(nameof(SampleNetwork.MobileNet));

        Assert.IsLessThan(sqnr.BoundEmulated - 3, sqnr.FullRangeEmulated);
    }

    private NetworkSqnr Sqnr(string name)
    {
        var sqnr = measured.Value.Single(network => network.Name == name);
        TestContext.WriteLine($"{name}: full range {sqnr.FullRangeHere:F2} dB here, {sqnr.FullRangeEmulated:F2} dB emulated; pair bound {sqnr.BoundHere:F2} dB here, {sqnr.BoundEmulated:F2} dB emulated");
        return sqnr;
    }

    /// <summary>One start under emulation for all networks.</summary>
    private static NetworkSqnr[] Measure()
    {
        (string Name, SampleNetwork Network)[] networks = [(nameof(SampleNetwork.MobileNet), SampleNetwork.MobileNet(1)), (nameof(SampleNetwork.ResNet), SampleNetwork.ResNet(1))];
        using var here = new ModelRuns();
        using var emulated = new ModelRuns();
        foreach (var (name, network) in networks)
        {
            (string, byte[])[][] inputs = [.. network.Samples.Select(sample => new[] { ("image", MemoryMarshal.AsBytes(sample.AsSpan()).ToArray()) })];
            here.Add($"{name} float", network.Builder.Build().ToByteArray(), inputs);
            foreach (var (device, profile) in new[] { ("full", DeviceProfiles.FullRange), ("bound", DeviceProfiles.WithoutCosts) })
            {
                using var quantized = QuantizedModel.StaticFor(profile, network);
                Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "int8"), string.Join(", ", quantized.Layers));
                here.Add($"{name} {device}", quantized.Bytes, inputs);
                emulated.Add($"{name} {device}", quantized.Bytes, inputs);
            }
        }

        here.Run(null);
        emulated.Run(EmulatedProcessor.Haswell);
        return [.. networks.Select(each => new NetworkSqnr(each.Name, Of(here, each, "full"), Of(emulated, each, "full"), Of(here, each, "bound"), Of(emulated, each, "bound")))];

        double Of(ModelRuns runs, (string Name, SampleNetwork Network) network, string device)
        {
            var (signal, noise) = (0.0, 0.0);
            for (var run = 0; run < network.Network.Samples.Count; run++)
            {
                var (runSignal, runNoise) = ErrorEnergy.Accumulate(Logits(here, $"{network.Name} float", run), Logits(runs, $"{network.Name} {device}", run));
                (signal, noise) = (signal + runSignal, noise + runNoise);
            }

            return 10 * Math.Log10(signal / noise);
        }
    }

    private static ReadOnlySpan<float> Logits(ModelRuns runs, string model, int run) => MemoryMarshal.Cast<byte, float>(runs.Output(model, "logits", run));
}
