using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using ModelBuildTasks.Compression.WeightSharing;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

[TestClass]
public sealed class SparsityTests
{
    [TestMethod]
    public void Zeros_of_both_signs_count_in_float_weights() => Assert.AreEqual(0.5, Of(model => model.Constant("w", [0f, -0f, 1f, -2f], 2, 2)));

    [TestMethod]
    public void Zeros_count_in_int8_weights_whichever_field_holds_them()
    {
        var typed = new TensorProto { DataType = (int)TensorProto.Types.DataType.Int8, Dims = { 1, 4 }, Int32Data = { 0, -1, 127, 5 } };

        Assert.AreEqual(3.0 / 8, Of(model => model.Constant("w", TensorValues.Create("w", new sbyte[] { 0, 0, -1, 3 }, 4, 1)).Constant("v", typed)));
    }

    [TestMethod]
    public void A_weight_in_a_constant_node_counts() => Assert.AreEqual(0.25, Of(model => model.ConstantNode("w", TensorValues.Create("", [0f, 1f, 2f, 3f], 2, 2))));

    [TestMethod]
    public void Biases_scales_and_shapes_are_no_weights() => Assert.AreEqual(0.25, Of(model => model
        .Constant("w", [0f, 1f, 2f, 3f], 2, 2)
        .Constant("bias", [0f, 0f], 2)
        .Constant("zeroPoint", TensorValues.Create("zeroPoint", new sbyte[] { 0 }))
        .Constant("shape", [0L, 0L], 1, 2)));

    [TestMethod]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(16)]
    [DataRow(17)]
    [DataRow(16, 4)]
    public void Zeros_count_in_indices_of_codebooks(int values, int? channels = null)
    {
        float[] weights = [.. RandomTensors.Singles(new Random(values), 64 * 64).Select((value, index) => index % 4 == 0 ? 0 : value + MathF.CopySign(3, value))];
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create().Input("x", 2, 64).Output("y").Constant("w", weights, 64, 64).Node("MatMul", ["x", "w"], ["y"]).Load(folder);
        new PostTrainingQuantization(FormatAssignment.Shared(new SharedValues(new SharingOptions(values, channels)))).Apply(model, new PassContext(DeviceProfile.Cpu, null, [], CancellationToken.None));

        Assert.IsNotEmpty(model.Proto.Graph.Node.Where(node => node.OpType == "Gather"));
        // With two values one of both signs becomes zero.
        Assert.AreEqual(0.25, Sparsity.Of(model), values == 2 ? 0.5 : 0);
    }

    [TestMethod]
    public void Nothing_is_zero_in_a_codebook_without_zero()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create().Input("x", 2, 64).Output("y").Constant("w", RandomTensors.Weight(1, 64, 64)).Node("MatMul", ["x", "w"], ["y"]).Load(folder);
        new PostTrainingQuantization(FormatAssignment.Shared(new SharedValues(new SharingOptions(16)))).Apply(model, new PassContext(DeviceProfile.Cpu, null, [], CancellationToken.None));

        Assert.AreEqual(0.0, Sparsity.Of(model));
    }

    [TestMethod]
    public void A_model_without_weights_is_not_sparse() => Assert.AreEqual(0.0, Of(model => model));

    private static double Of(Func<ModelBuilder, ModelBuilder> add)
    {
        using var folder = new TemporaryFolder();
        using var model = add(ModelPair.Identity(2)).Load(folder);
        return Sparsity.Of(model);
    }
}
