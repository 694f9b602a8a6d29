using Google.Protobuf;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Simplification;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Simplification;

[TestClass]
public sealed class SparseWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_sparse_weight_that_takes_more_than_its_bytes_would_is_stored_as_bytes()
    {
        using var model = RuntimeSimplification.Load(Sparse(values: 400), folder.Path);

        var layer = new PostTrainingQuantization(FormatAssignment.Int8Weights).Apply(model, new PassContext(DeviceProfile.Cpu, null, [], CancellationToken.None)).Layers.Single();

        Assert.AreEqual("int8-weights", layer.Format);
        Assert.IsEmpty(model.Proto.Graph.SparseInitializer);
        var bytes = model.Proto.Graph.Initializer.Single(tensor => tensor.ElementType() == TensorProto.Types.DataType.Int8);
        Assert.AreEqual(400, bytes.Bytes().ToArray().Count(value => value != 0));
    }

    [TestMethod]
    public void A_sparse_weight_of_few_values_stays_sparse_and_the_report_says_so()
    {
        using var model = RuntimeSimplification.Load(Sparse(values: 40), folder.Path);

        var layer = new PostTrainingQuantization(FormatAssignment.Int8Weights).Apply(model, new PassContext(DeviceProfile.Cpu, null, [], CancellationToken.None)).Layers.Single();

        Assert.AreEqual("float", layer.Format);
        StringAssert.Contains(layer.Reason, "'w' is sparse");
        Assert.HasCount(1, model.Proto.Graph.SparseInitializer);
    }

    [TestMethod]
    public void A_calibrated_layer_says_the_same_of_its_sparse_weight()
    {
        using var model = RuntimeSimplification.Load(Sparse(values: 40), folder.Path);

        var layer = new PostTrainingQuantization(FormatAssignment.Int8).Apply(model, new PassContext(DeviceProfile.Cpu, new ActivationRanges(new Dictionary<string, ValueRange>()), [], CancellationToken.None)).Layers.Single();

        Assert.AreEqual("float", layer.Format);
        StringAssert.Contains(layer.Reason, "'w' is sparse");
    }

    private string Sparse(int values)
    {
        var proto = ModelBuilder.Create().Input("x", 4, 32).Node("MatMul", ["x", "w"], ["y"]).Output("y", 4, 32).Build();
        proto.Graph.SparseInitializer.Add(new SparseTensorProto
        {
            Dims = { 32, 32 },
            Values = TensorValues.Create("w", [.. Enumerable.Range(1, values).Select(value => 1 + (value / (float)values))], values),
            Indices = TensorValues.Create("", [.. Enumerable.Range(0, values).Select(value => value * 2L)], values),
        });
        return folder.Write("model.onnx", proto.ToByteArray());
    }
}
