using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Onnx.OperatorSets;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Onnx;

/// <summary>Operators whose form or meaning changed in 13 or 14, each run in ONNX Runtime before and after the model was raised to 14.</summary>
[TestClass]
public sealed class OperatorSetRaiseTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(7)]
    [DataRow(11)]
    [DataRow(12)]
    public void The_parts_of_Split_become_an_input(int opset)
    {
        var raised = AssertSame(Cube(opset).Node("Split", ["x"], ["a", "b"], ("axis", 1), ("split", new[] { 1, 2 })).Output("a").Output("b"));

        CollectionAssert.AreEqual(new long[] { 1, 2 }, Input(raised, "Split"));
    }

    [TestMethod]
    public void A_Split_into_equal_parts_gets_no_input() =>
        Assert.HasCount(1, AssertSame(Cube(12).Node("Split", ["x"], ["a", "b"], ("axis", -1)).Output("a").Output("b")).Graph.Node.Single().Input);

    [TestMethod]
    [DataRow(7, 1, 3)]
    [DataRow(12, 1, 3)]
    [DataRow(12, -2, -4)]
    public void The_axes_of_Squeeze_become_an_input(int opset, int first, int second)
    {
        var raised = AssertSame(ModelBuilder.Create(opset, 7).Input("x", 2, 1, 3, 1, 1).Node("Squeeze", ["x"], ["y"], ("axes", new[] { first, second })).Output("y"));

        CollectionAssert.AreEqual(new long[] { first, second }, Input(raised, "Squeeze"));
    }

    [TestMethod]
    public void A_Squeeze_of_every_1_gets_no_input() =>
        Assert.HasCount(1, AssertSame(ModelBuilder.Create(12, 7).Input("x", 2, 1, 3, 1).Node("Squeeze", ["x"], ["y"]).Output("y")).Graph.Node.Single().Input);

    [TestMethod]
    [DataRow(7, 0, 2)]
    [DataRow(12, 0, -1)]
    public void The_axes_of_Unsqueeze_become_an_input(int opset, int first, int second)
    {
        var raised = AssertSame(Cube(opset).Node("Unsqueeze", ["x"], ["y"], ("axes", new[] { first, second })).Output("y"));

        CollectionAssert.AreEqual(new long[] { first, second }, Input(raised, "Unsqueeze"));
    }

    [TestMethod]
    [DataRow(7, 1, 0)]
    [DataRow(12, 1, 1)]
    [DataRow(12, -1, 0)]
    public void The_axes_of_ReduceSum_become_an_input(int opset, int axis, int keepdims)
    {
        var raised = AssertSame(Cube(opset).Node("ReduceSum", ["x"], ["y"], ("axes", new[] { 0, axis }), ("keepdims", keepdims)).Output("y"));

        CollectionAssert.AreEqual(new long[] { 0, axis }, Input(raised, "ReduceSum"));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void A_ReduceSum_over_everything_gets_no_input(int keepdims) =>
        Assert.HasCount(1, AssertSame(Cube(12).Node("ReduceSum", ["x"], ["y"], ("keepdims", keepdims)).Output("y")).Graph.Node.Single().Input);

    [TestMethod]
    public void The_other_reductions_keep_their_axes() => AssertSame(Cube(12)
        .Node("ReduceMean", ["x"], ["a"], ("axes", new[] { 1 })).Node("ReduceMax", ["x"], ["b"], ("axes", new[] { 2 })).Node("ReduceL2", ["x"], ["c"], ("axes", new[] { 0, 2 })).Output("a").Output("b").Output("c"));

    [TestMethod]
    [DataRow("Softmax", 2)]
    [DataRow("Softmax", -1)]
    [DataRow("LogSoftmax", 2)]
    [DataRow("LogSoftmax", -1)]
    [DataRow("Hardmax", 2)]
    [DataRow("Hardmax", -1)]
    public void Shares_of_the_last_axis_mean_the_same(string operation, int axis) => AssertSame(Cube(11).Node(operation, ["x"], ["y"], ("axis", axis)).Output("y"));

    [TestMethod]
    [DataRow("Softmax")]
    [DataRow("LogSoftmax")]
    [DataRow("Hardmax")]
    public void The_default_axis_is_the_last_one_of_a_matrix(string operation) => AssertSame(ModelBuilder.Create(12, 7).Input("x", 3, 4).Node(operation, ["x"], ["y"]).Output("y"));

    [TestMethod]
    [DataRow("Softmax", 0)]
    [DataRow("Softmax", 1)]
    [DataRow("LogSoftmax", 1)]
    [DataRow("Hardmax", -2)]
    public void Shares_of_all_axes_from_one_on_keep_a_model_at_its_operator_set(string operation, int axis) => AssertKept(Cube(12).Node(operation, ["x"], ["y"], ("axis", axis)).Output("y"));

    [TestMethod]
    public void The_default_axis_of_a_tensor_keeps_it_too() => AssertKept(Cube(12).Node("Softmax", ["x"], ["y"]).Output("y"));

    [TestMethod]
    public void An_axis_of_13_means_that_axis_alone() => AssertSame(Cube(13).Node("Softmax", ["x"], ["y"], ("axis", 1)).Output("y"));

    [TestMethod]
    [DataRow(7)]
    [DataRow(9)]
    [DataRow(12)]
    [DataRow(13)]
    public void A_batch_normalization_has_one_output(int opset)
    {
        AssertSame(Normalization(opset, "y"));

        // ONNX Runtime 1.31.1 crashes when it runs one whose other outputs have empty names: the original is the one without.
        var raised = AssertSame(Normalization(opset, "y", "", "", "", ""), runs: Normalization(opset, "y"));

        Assert.HasCount(1, raised.Graph.Node.Single().Output);
    }

    [TestMethod]
    public void One_that_gives_its_statistics_keeps_a_model_at_its_operator_set() => AssertKept(Normalization(12, "y", "mean_out", "", "", ""));

    [TestMethod]
    [DataRow(7)]
    [DataRow(12)]
    public void What_follows_in_steps_before_12_follows_to_14_in_one(int opset)
    {
        var builder = Cube(opset);
        _ = opset < 11 ? builder.Node("Clip", ["x"], ["c"], ("min", -0.5f), ("max", 0.5f)) : builder.Constant("low", [-0.5f]).Constant("high", [0.5f]).Node("Clip", ["x", "low", "high"], ["c"]);
        AssertSame(builder.Node("Dropout", ["c"], ["d"]).Node("Unsqueeze", ["d"], ["u"], ("axes", new[] { 0 })).Node("ReduceSum", ["u"], ["y"], ("axes", new[] { 2 })).Output("y"));
    }

    [TestMethod]
    [DataRow(-100f)]
    [DataRow(100f)]
    public void Branches_are_raised_too(float threshold)
    {
        var then = ModelBuilder.Subgraph(graph => graph.Node("ReduceSum", ["x"], ["t"], ("axes", new[] { 1 }), ("keepdims", 0)).Output("t"));
        var otherwise = ModelBuilder.Subgraph(graph => graph.Node("Split", ["x"], ["first", "rest"], ("axis", 1), ("split", new[] { 1, 2 })).Node("Squeeze", ["first"], ["e"], ("axes", new[] { 1 })).Output("e"));

        AssertSame(Cube(12).Constant("threshold", [threshold]).Node("ReduceMax", ["x"], ["m"], ("keepdims", 0)).Node("Less", ["m", "threshold"], ["d"])
            .Node("If", ["d"], ["y"], ("then_branch", then), ("else_branch", otherwise)).Output("y"));
    }

    [TestMethod]
    public void A_branch_that_cannot_follow_keeps_the_whole_model()
    {
        var then = ModelBuilder.Subgraph(graph => graph.Node("Softmax", ["x"], ["t"], ("axis", 1)).Output("t"));
        var otherwise = ModelBuilder.Subgraph(graph => graph.Node("Neg", ["x"], ["e"]).Output("e"));

        AssertKept(Cube(12).Constant("threshold", [0f]).Node("ReduceSum", ["x"], ["m"], ("keepdims", 0)).Node("Less", ["m", "threshold"], ["d"])
            .Node("If", ["d"], ["y"], ("then_branch", then), ("else_branch", otherwise)).Output("y"));
    }

    private static ModelBuilder Cube(int opset) => ModelBuilder.Create(opset, 7).Input("x", 2, 3, 4);

    private static ModelBuilder Normalization(int opset, params string[] outputs)
    {
        var builder = ModelBuilder.Create(opset, 7).Input("x", 2, 3, 4)
            .Constant("g", RandomTensors.Row(1, 3)).Constant("b", RandomTensors.Row(2, 3)).Constant("mean", RandomTensors.Row(3, 3)).Constant("variance", [1f, 2f, 3f], 3)
            .Node("BatchNormalization", ["x", "g", "b", "mean", "variance"], outputs);
        return outputs.Where(output => output.Length > 0).Aggregate(builder, (all, output) => all.Output(output));
    }

    private static long[] Input(ModelProto model, string operation) =>
        model.Graph.Initializer.Single(tensor => tensor.Name == model.Graph.Node.Single(node => node.OpType == operation).Input[1]).Int64s().ToArray();

    /// <summary>Raises a model and runs both, without the optimizations that could make them alike.</summary>
    /// <param name="builder">The model.</param>
    /// <param name="runs">The model that is run for what was before; null is the same.</param>
    private ModelProto AssertSame(ModelBuilder builder, ModelBuilder? runs = null)
    {
        var original = builder.Save(folder, "original.onnx");
        var raised = folder.File("raised.onnx");
        using (var model = OnnxModel.Load(original))
        {
            var graph = model.EditGraph();
            Assert.IsTrue(OperatorSetRaise.To(model, graph, OperatorSetRaise.Fourteen));
            graph.Commit();
            model.Save(raised);
        }

        CollectionAssert.AreEqual(Outputs(runs?.Save(folder, "runs.onnx") ?? original), Outputs(raised));
        var written = ModelProto.Parser.ParseFrom(File.ReadAllBytes(raised));
        Assert.AreEqual(14, written.OpsetImport.Single(import => import.Domain == "").Version);
        return written;
    }

    private void AssertKept(ModelBuilder builder)
    {
        using var model = builder.Load(folder);
        Assert.IsFalse(OperatorSetRaise.To(model, model.EditGraph(), OperatorSetRaise.Fourteen));
        Assert.AreEqual(builder.Build(), model.Proto);
    }

    private static string[] Outputs(string path)
    {
        using var session = ModelSession.Open(path, new SessionSettings { Optimization = SessionOptimization.None });
        var inputs = session.Inputs.ToDictionary(
            port => port.Name,
            ModelValue (port) => new TensorValue(DataType.Float, port.Shape, MemoryMarshal.AsBytes<float>(RandomTensors.Singles(new Random(1), port.Shape.Aggregate(1L, (product, dimension) => product * dimension), 2)).ToArray()));
        var outputs = new List<string>();
        session.Run(inputs, (index, type, shape, bytes) => outputs.Add($"{session.Outputs[index].Name} {type} [{string.Join(',', shape.ToArray())}] {Convert.ToHexString(bytes)}"), CancellationToken.None);
        return [.. outputs];
    }
}
