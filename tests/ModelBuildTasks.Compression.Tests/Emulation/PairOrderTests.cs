using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Tests.Emulation;

namespace ModelBuildTasks.Compression.Tests.Emulation;

/// <summary>Whether the library's order of pairs is that of ONNX Runtime's kernels, which run on an emulated processor that adds pairs of products in 16 bits.</summary>
[TestClass]
public sealed class PairOrderTests
{
    private static readonly PairProbe[] probes =
    [
        ProductProbe.MatMul(rows: 1, depth: 7),
        ProductProbe.MatMul(rows: 5, depth: 18),
        ProductProbe.MatMul(rows: [2, 3], depth: 13),
        ProductProbe.LongMatMul(depth: 1283),
        ProductProbe.Gemm(rows: 1, depth: 7, transposed: true),
        ProductProbe.Gemm(rows: 5, depth: 13, transposed: true),
        ProductProbe.Gemm(rows: 5, depth: 13, transposed: false),
        ProductProbe.Conv(1, [3, 3]),
        ProductProbe.Conv(1, [1, 2]),
        ProductProbe.Conv(3, [3, 3]),
        ProductProbe.Conv(3, [3, 3], alignment: 16),
        ProductProbe.Conv(4, [3, 3], alignment: 16),
        ProductProbe.Conv(8, [2, 2], alignment: 16),
        ProductProbe.Conv(5, [1, 1]),
        ProductProbe.Conv(16, [1, 1], alignment: 16),
        ProductProbe.Conv(2, [2, 2], groups: 3),
        ProductProbe.Conv(3, [3, 3], groups: 2),
        ProductProbe.Conv(4, [2, 3], groups: 2, alignment: 16),
        ProductProbe.Conv(3, [5]),
        ProductProbe.Conv(2, [2, 2, 3]),
        ProductProbe.Depthwise([3, 3]),
        ProductProbe.Depthwise([3, 3], alignment: 16),
        ProductProbe.Depthwise([5, 5], alignment: 16),
        ProductProbe.Depthwise([3]),
        ProductProbe.Depthwise([2, 2, 2]),
        ProductProbe.Depthwise([3, 3], multiplier: 2),
        ProductProbe.Depthwise([3, 3], multiplier: 2, alignment: 16),
        LstmProbe.OfInputs(7),
        LstmProbe.OfHiddenValues(9),
    ];

    [TestMethod]
    public void Kernels_add_exactly_those_products_in_16_bits_whose_weights_the_library_bounds()
    {
        EmulatedProcessor.Haswell.RequireOrSkip();
        using var runs = new ModelRuns();
        foreach (var probe in probes)
        {
            runs.Add(probe.Name, probe.Quantized().Build().ToByteArray(), probe.Inputs);
        }

        runs.Run(EmulatedProcessor.Haswell);

        foreach (var probe in probes)
        {
            Assert.AreEqual(string.Join(' ', Bounded(probe)), string.Join(' ', probe.Saturated(runs.Output(probe.Name, "y"))), probe.Name);
        }
    }

    /// <summary>The pairs that the library bounds, as elements of a channel.</summary>
    private static IReadOnlyList<(int First, int Second)> Bounded(PairProbe probe)
    {
        using var folder = new TemporaryFolder();
        using var model = probe.Float().Load(folder);
        var graph = model.EditGraph();
        var layer = graph.Nodes.Single();
        if (PairOrder.Of(layer, Layers.Weights(layer, graph).Single(weight => weight.Input == probe.WeightInput)) is not { } order)
        {
            return [];
        }

        var elements = Enumerable.Range(0, order.Depth).OrderBy(order.Place).Chunk(2);
        return [.. elements.Where(pair => pair.Length == 2).Select(pair => (Math.Min(pair[0], pair[1]), Math.Max(pair[0], pair[1]))).Order()];
    }
}
