using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.IntegerOnly;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class BlockMovesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow("DepthToSpace", "DCR", 2)]
    [DataRow("DepthToSpace", "DCR", 3)]
    [DataRow("DepthToSpace", "CRD", 2)]
    [DataRow("DepthToSpace", "CRD", 3)]
    [DataRow("SpaceToDepth", "", 2)]
    [DataRow("SpaceToDepth", "", 3)]
    public void Reshapes_and_transpositions_give_the_same(string operation, string mode, int block)
    {
        long[] input = operation == "DepthToSpace" ? [2, 5 * block * block, 4, 7] : [2, 5, 4 * block, 7 * block];
        long[] output = operation == "DepthToSpace" ? [2, 5, 4 * block, 7 * block] : [2, 5 * block * block, 4, 7];
        (string, object)[] attributes = mode.Length == 0 ? [("blocksize", block)] : [("blocksize", block), ("mode", mode)];
        var isKnown = ModelBuilder.Create().Input("x", input).Node(operation, ["x"], ["y"], attributes).Output("y", output);
        var isFree = ModelBuilder.Create().Input("x", DataType.Float, "n", input[1], "h", "w").Node(operation, ["x"], ["y"], attributes).Output("y", DataType.Float, "n", output[1], "a", "b");

        Assert.AreEqual(3, AssertSame(isKnown, input));
        Assert.AreEqual(operation == "DepthToSpace" ? 7 : 6, AssertSame(isFree, input));
    }

    [TestMethod]
    [DataRow("DepthToSpace")]
    [DataRow("SpaceToDepth")]
    public void Integers_only_know_neither_operator_on_bytes(string operation)
    {
        foreach (var device in new[] { DeviceProfiles.FullRange, DeviceProfiles.Signed })
        {
            using var quantized = QuantizedModel.IntegerOnlyFor(device, ModelBuilder.Create().Input("x", 1, 8, 6, 6).Constant("w", RandomTensors.Weight(1, 8, 8, 1, 1))
                .Node("Conv", ["x", "w"], ["c"]).Node(operation, ["c"], ["y"], ("blocksize", 2)).Output("y"));

            Assert.AreEqual(0, quantized.Count(operation));
            quantized.AssertNoFloat();
            quantized.AssertSqnr(30);
        }
    }

    private int AssertSame(ModelBuilder builder, long[] shape)
    {
        var original = builder.Save(folder, "original.onnx");
        var written = folder.File("written.onnx");
        int steps;
        using (var model = OnnxModel.Load(original))
        {
            var graph = model.EditGraph();
            new BlockMoves(graph, new ValueShapes(graph, new Dictionary<string, int>())).Write(graph.Nodes.Single(), "x", "y");
            graph.Commit();
            Assert.IsTrue(graph.Nodes.All(node => node.OpType is "Reshape" or "Transpose"));
            steps = graph.Nodes.Count;
            model.Save(written);
        }

        CollectionAssert.AreEqual(Run(original, shape), Run(written, shape));
        return steps;
    }

    private static float[] Run(string path, long[] shape)
    {
        using var session = ModelSession.Open(path, new SessionSettings { Optimization = SessionOptimization.None });
        var input = Enumerable.Range(0, (int)shape.Aggregate(1L, (product, dimension) => product * dimension)).Select(index => (float)index).ToArray();
        float[] result = [];
        session.Run(new Dictionary<string, ModelValue> { ["x"] = new TensorValue(DataType.Float, shape, MemoryMarshal.AsBytes<float>(input).ToArray()) }, (_, _, _, bytes) => result = MemoryMarshal.Cast<byte, float>(bytes).ToArray(), CancellationToken.None);
        return result;
    }
}
