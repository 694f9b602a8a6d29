using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using ModelBuildTasks.Compression.WeightSharing;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.WeightSharing;

/// <summary>Weights as codebooks and indices, as the runtime restores them.</summary>
[TestClass]
public sealed class CodebookWeightTests
{
    [TestMethod]
    [DataRow(2, 1)]
    [DataRow(3, 2)]
    [DataRow(4, 2)]
    [DataRow(16, 4)]
    [DataRow(17, 8)]
    [DataRow(256, 8)]
    public void A_weight_has_as_many_values_as_asked_for_in_as_many_bits(int values, int bits)
    {
        using var model = Shared(Product(128, 96), values);

        Assert.HasCount(values, Restored(model)[0].Distinct().ToArray());
        Assert.AreEqual(128 * 96 * bits / 8, model.Tensor("w_q").RawData.Length);
        Assert.AreEqual("shared", model.Layer("product").Format);
        // The table of all bytes is the largest part of what is added.
        Assert.IsLessThan((128 * 96 * bits / 8) + 2700, model.Bytes.Length);
    }

    [TestMethod]
    [DataRow(16)]
    [DataRow(200)]
    public void The_runtime_folds_the_lookup_and_computes_as_the_restored_weight_does(int values)
    {
        using var model = Shared(Convolution(), values);
        var restored = Convolution().Build();
        restored.Graph.Initializer.Single(tensor => tensor.Name == "w").RawData = Google.Protobuf.ByteString.CopyFrom(LittleEndian.Bytes<float>(Restored(model)[0]));

        model.AssertDoesNotRun("Gather", "Cast", "Reshape");
        Assert.AreEqual(model.SqnrDb(), model.SqnrDb(restored));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(8)]
    [DataRow(10)]
    public void Channels_of_a_group_have_values_of_their_own(int channels)
    {
        using var model = Shared(Convolution(), 5, channels);
        var weight = Restored(model)[0];
        var ofChannel = weight.Length / 32;
        var groups = Enumerable.Range(0, (32 + channels - 1) / channels).Select(group => weight.Skip(group * channels * ofChannel).Take(channels * ofChannel).Distinct().Count()).ToArray();

        Assert.IsTrue(groups.All(count => count == 5), string.Join(", ", groups));
        Assert.IsGreaterThan(5, weight.Distinct().Count());
        model.AssertDoesNotRun("Gather", "Cast", "Add");
        Assert.IsGreaterThan(8, model.SqnrDb());
    }

    [TestMethod]
    public void Columns_of_a_group_have_values_of_their_own()
    {
        using var model = Shared(Product(64, 48), 4, 16);
        var weight = Restored(model)[0];

        for (var group = 0; group < 3; group++)
        {
            Assert.HasCount(4, weight.Where((_, i) => i % 48 / 16 == group).Distinct().ToArray());
        }

        model.AssertDoesNotRun("Gather", "Cast");
    }

    [TestMethod]
    [DataRow(7)]
    [DataRow(13)]
    [DataRow(21)]
    public void Every_operator_set_restores_it(int opset)
    {
        using var model = Shared(ModelBuilder.Create(opset, opset > 13 ? 10 : 7).Input("x", 3, 64).Output("y").Constant("w", RandomTensors.Weight(1, 64, 64)).Node("MatMul", ["x", "w"], ["y"], "product"), 16);

        model.AssertDoesNotRun("Gather", "Cast");
        Assert.IsGreaterThan(18, model.SqnrDb());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void Fewer_distinct_values_than_asked_for_lose_nothing(int distinct)
    {
        var tensor = TensorValues.Create("", [.. Enumerable.Range(0, 64 * 64).Select(i => i % distinct - 0.5f)], 64, 64);
        using var model = Shared(ModelBuilder.Create().Input("x", 3, 64).Output("y").Constant("w", tensor).Node("MatMul", ["x", "w"], ["y"], "product"), 16);

        CollectionAssert.AreEqual(tensor.Singles().ToArray(), Restored(model)[0]);
        Assert.AreEqual(200, model.Layer("product").SqnrDb);
    }

    [TestMethod]
    [DataRow(2, null)]
    [DataRow(16, null)]
    [DataRow(17, 8)]
    public void Zeros_stay_zeros(int values, int? channels)
    {
        var tensor = RandomTensors.Weight(5, 32, 16, 3, 3);
        var pruned = tensor.Singles().ToArray();
        for (var i = 0; i < pruned.Length; i += 3)
        {
            pruned[i] = 0;
        }

        using var model = Shared(Convolution(TensorValues.Create("", pruned, [.. tensor.Dims])), values, channels);
        var restored = Restored(model)[0];

        Assert.IsTrue(pruned.Zip(restored).All(pair => pair.First != 0 || pair.Second == 0));
        Assert.IsLessThanOrEqualTo(values * (channels is null ? 1 : 4), restored.Distinct().Count());
    }

    [TestMethod]
    public void Weights_of_16_bits_are_restored_in_16_bits()
    {
        var half = new TensorProto { DataType = (int)DataType.Float16, Dims = { 64, 64 }, RawData = Google.Protobuf.ByteString.CopyFrom(LittleEndian.Bytes<Half>(Array.ConvertAll(RandomTensors.Weight(1, 64, 64).Singles().ToArray(), value => (Half)value))) };
        using var model = Shared(ModelBuilder.Create().Input("x", 3, 64).Output("y").Constant("w", half).Node("Cast", ["x"], ["h"], ("to", (long)DataType.Float16)).Node("MatMul", ["h", "w"], ["p"], "product").Node("Cast", ["p"], ["y"], ("to", (long)DataType.Float)), 16);

        Assert.AreEqual("shared", model.Layer("product").Format);
        Assert.IsGreaterThan(15, model.SqnrDb());
    }

    [TestMethod]
    public void Every_kind_of_layer_shares_values()
    {
        var builder = ModelBuilder.Create().Input("x", 1, 8, 10, 10).Output("y").Output("l").Output("g")
            .Constant("t", RandomTensors.Weight(2, 8, 16, 3, 3)).Node("ConvTranspose", ["x", "t"], ["y"], "transposed")
            .Constant("shape", [10L, 1L, 80L], 3).Node("Reshape", ["x", "shape"], ["s"])
            .Constant("lw", RandomTensors.Weight(3, 1, 64, 80)).Constant("lr", RandomTensors.Weight(4, 1, 64, 16)).Node("LSTM", ["s", "lw", "lr"], ["l"], "lstm", ("hidden_size", 16))
            .Constant("gw", RandomTensors.Weight(3, 1, 48, 80)).Constant("gr", RandomTensors.Weight(4, 1, 48, 16)).Node("GRU", ["s", "gw", "gr"], ["g"], "gru", ("hidden_size", 16));
        using var model = Shared(builder, 32);

        Assert.IsTrue(model.Layers.All(layer => layer.Format == "shared"));
        model.AssertDoesNotRun("Gather", "Cast");
        Assert.IsGreaterThan(20, model.SqnrDb());
    }

    [TestMethod]
    public void A_table_that_is_the_last_matrix_too_is_stored_once()
    {
        var builder = ModelBuilder.Create().Input("x", DataType.Int64, 5).Output("y")
            .Constant("w", RandomTensors.Weight(2, 64, 32)).Node("Gather", ["w", "x"], ["e"], "lookup").Node("Transpose", ["w"], ["t"], ("perm", new[] { 1, 0 })).Node("MatMul", ["e", "t"], ["y"], "product");
        using var model = Shared(builder, 16);

        Assert.HasCount(1, Restored(model));
        Assert.IsTrue(model.Layers.All(layer => layer.Format == "shared"));
        Assert.IsGreaterThan(15, model.SqnrDb());
    }

    [TestMethod]
    public void What_KeepFloat_names_is_left_alone()
    {
        using var model = QuantizedModel.With(Assignment(16, null), Product(64, 64), "product");

        Assert.AreEqual("float", model.Layer("product").Format);
        Assert.AreEqual(200, model.SqnrDb());
    }

    [TestMethod]
    public void A_weight_that_would_not_become_smaller_is_left_alone()
    {
        using var model = Shared(Product(4, 4), 16);

        Assert.AreEqual("float", model.Layer("product").Format);
        Assert.AreEqual(200, model.SqnrDb());
    }

    private static FormatAssignment Assignment(int values, int? channels) => FormatAssignment.Shared(new SharedValues(new SharingOptions(values, channels)));

    private static QuantizedModel Shared(ModelBuilder builder, int values, int? channels = null) => QuantizedModel.With(Assignment(values, channels), builder);

    private static ModelBuilder Product(int inputs, int outputs) =>
        ModelBuilder.Create().Input("x", 3, inputs).Output("y").Constant("w", RandomTensors.Weight(1, inputs, outputs)).Node("MatMul", ["x", "w"], ["y"], "product");

    private static ModelBuilder Convolution(TensorProto? weight = null) => ModelBuilder.Create().Input("x", 1, 16, 9, 9).Output("y").Constant("w", weight ?? RandomTensors.Weight(1, 32, 16, 3, 3)).Node("Conv", ["x", "w"], ["y"], "convolution");

    /// <summary>The restored weights, as the runtime folds them.</summary>
    private static List<float[]> Restored(QuantizedModel model)
    {
        var exposed = model.Proto.Clone();
        var restored = exposed.Graph.Node.Where(node => node.Output[0].EndsWith("_d", StringComparison.Ordinal)).Select(node => node.Output[0]).ToArray();
        exposed.Graph.Output.Clear();
        exposed.Graph.Output.AddRange(restored.Select(name => new ValueInfoProto { Name = name }));
        return Run(exposed);
    }

    private static List<float[]> Run(ModelProto proto)
    {
        using var folder = new TemporaryFolder();
        using var session = ModelSession.Open(folder.Write("model.onnx", Google.Protobuf.MessageExtensions.ToByteArray(proto)), new SessionSettings());
        var outputs = new List<float[]>();
        session.Run(
            session.Inputs.ToDictionary(port => port.Name, port => (ModelValue)new TensorValue(port.Type, port.Shape, new byte[port.Type.Bytes(port.Shape.Aggregate(1L, (product, dimension) => product * dimension))])),
            (_, _, _, bytes) => outputs.Add(MemoryMarshal.Cast<byte, float>(bytes).ToArray()),
            CancellationToken.None);
        return outputs;
    }
}
