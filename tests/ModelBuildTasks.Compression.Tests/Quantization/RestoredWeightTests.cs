using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Tests.Devices;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>A DequantizeLinear on a weight that fuses with nothing runs each time (measured: 0.2 to 0.6 times the speed of float). Read from the graphs that the runtime itself makes.</summary>
[TestClass]
public sealed class RestoredWeightTests
{
    private const int Networks = 40;

    [TestMethod]
    public void No_random_network_restores_a_weight_on_each_run_whatever_the_table_says()
    {
        for (var seed = 0; seed < Networks; seed++)
        {
            foreach (var costs in new[] { CostTable.None, RandomCosts.Of(seed), CostTable.Load(ShippedCostTablesTests.PathOf("x64")) })
            {
                using var quantized = QuantizedModel.StaticFor(DeviceProfile.Cpu with { Costs = costs }, RandomNetwork.Of(seed));
                quantized.AssertRuns();
            }
        }
    }

    [TestMethod]
    public void No_network_of_known_structure_does()
    {
        foreach (var network in new[] { SampleNetwork.ResNet(1), SampleNetwork.MobileNet(1) })
        {
            foreach (var costs in new[] { CostTable.None, CostTable.Load(ShippedCostTablesTests.PathOf("x64")), CostTable.Load(ShippedCostTablesTests.PathOf("x64-vnni")) })
            {
                using var quantized = QuantizedModel.StaticFor(DeviceProfile.Cpu with { Costs = costs }, network);
                quantized.AssertRuns();
            }
        }
    }
}
