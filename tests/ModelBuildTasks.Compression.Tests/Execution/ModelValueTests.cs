using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Execution;

/// <summary>Values of every kind go into a model and come out of it.</summary>
[TestClass]
public sealed class ModelValueTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Text_goes_in_and_comes_out_as_UTF8_with_zero_bytes_between()
    {
        using var session = Open(ModelBuilder.Create().Input("words", DataType.String, "n").Output("same", DataType.String, "n").Node("Identity", ["words"], ["same"]));

        var (type, shape, bytes) = Run(session, "words", new TextValue([3], [Utf8("größe"), Utf8(""), Utf8("数")])).Single();

        Assert.AreEqual(DataType.String, type);
        CollectionAssert.AreEqual(new long[] { 3 }, shape);
        Assert.AreEqual("größe\0\0数\0", Encoding.UTF8.GetString(bytes));
    }

    [TestMethod]
    public void A_sequence_goes_in_and_its_tensors_come_out_one_by_one()
    {
        using var session = Open(SequenceModel());

        var outputs = Run(session, "list", new SequenceValue([Singles([1], 1), Singles([2, 3], 2)]));

        Assert.AreEqual(PortKind.Sequence, session.Inputs.Single().Kind);
        Assert.AreEqual(DataType.Float, session.Inputs.Single().Type);
        Assert.AreEqual("a sequence of float tensors", session.Inputs.Single().TypeText);
        CollectionAssert.AreEqual(new float[] { 1, 2, 3 }, outputs.SelectMany(output => MemoryMarshal.Cast<byte, float>(output.Bytes).ToArray()).ToArray());
        CollectionAssert.AreEqual(new long[] { 2 }, outputs[1].Shape);
    }

    [TestMethod]
    public void A_sequence_of_another_element_type_is_the_runtimes_refusal()
    {
        using var session = Open(SequenceModel());

        var refused = Assert.ThrowsExactly<CompressionException>(() => Run(session, "list", new SequenceValue([new TensorValue(DataType.Int64, [1], new byte[8])])));

        Assert.AreEqual(DiagnosticCodes.ModelDoesNotRun, refused.Code);
    }

    [TestMethod]
    public void A_sequence_runs_as_often_as_it_is_given()
    {
        using var session = Open(SequenceModel());
        var sequence = new SequenceValue([Singles([1, 2, 3], 3)]);

        for (var run = 0; run < 20; run++)
        {
            CollectionAssert.AreEqual(new float[] { 1, 2, 3 }, MemoryMarshal.Cast<byte, float>(Run(session, "list", sequence).Single().Bytes).ToArray());
        }
    }

    [TestMethod]
    public void An_optional_tensor_is_given_as_a_tensor()
    {
        var model = ModelBuilder.Create(opset: 18).Output("y", 2).Node("OptionalGetElement", ["maybe"], ["y"]).Build();
        model.Graph.Input.Add(new ValueInfoProto { Name = "maybe", Type = new TypeProto { OptionalType = new() { ElemType = TensorType(DataType.Float, 2) } } });
        using var session = Open(model);

        var output = Run(session, "maybe", Singles([1, 2], 2)).Single();

        Assert.IsTrue(session.Inputs.Single().IsOptional);
        CollectionAssert.AreEqual(new float[] { 1, 2 }, MemoryMarshal.Cast<byte, float>(output.Bytes).ToArray());
    }

    [TestMethod]
    public void An_optional_tensor_may_be_left_out()
    {
        var model = ModelBuilder.Create(opset: 18).Input("x", 2).Output("has", DataType.Bool).Output("y", 2).Node("OptionalHasElement", ["maybe"], ["has"]).Node("Neg", ["x"], ["y"]).Build();
        model.Graph.Input.Add(new ValueInfoProto { Name = "maybe", Type = new TypeProto { OptionalType = new() { ElemType = TensorType(DataType.Float, 2) } } });
        using var session = Open(model);

        var outputs = Run(session, "x", Singles([1, 2], 2));

        CollectionAssert.AreEqual(new byte[] { 0 }, outputs[0].Bytes);
    }

    [TestMethod]
    public void The_scores_of_a_classifier_of_scikit_learn_come_out_in_the_order_of_its_classes()
    {
        var model = ModelBuilder.Create().Import("ai.onnx.ml", 1)
            .Input("x", 1, 3)
            .Node("ai.onnx.ml", "ZipMap", ["x"], ["scores"], "zip", ("classlabels_int64s", new long[] { 0, 1, 2 }))
            .Build();
        model.Graph.Output.Add(new ValueInfoProto { Name = "scores" });
        using var session = Open(model);

        var output = Run(session, "x", Singles([0.25f, 0.5f, 0.125f], 1, 3)).Single();

        Assert.AreEqual(PortKind.Sequence, session.Outputs.Single().Kind);
        CollectionAssert.AreEqual(new[] { 0.25f, 0.5f, 0.125f }, MemoryMarshal.Cast<byte, float>(output.Bytes).ToArray());
    }

    [TestMethod]
    [DataRow(nameof(DataType.Bfloat16), new byte[] { 0xC0, 0x3F, 0xC0, 0x3F }, 1.5f)]
    [DataRow(nameof(DataType.Float16), new byte[] { 0x00, 0x3E, 0x00, 0x3E }, 1.5f)]
    [DataRow(nameof(DataType.Int8), new byte[] { 0xFE, 0xFE }, -2f)]
    [DataRow(nameof(DataType.Uint16), new byte[] { 1, 1, 1, 1 }, 257f)]
    [DataRow(nameof(DataType.Uint64), new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0 }, 9f)]
    [DataRow(nameof(DataType.Bool), new byte[] { 1, 1 }, 1f)]
    public void Every_element_type_reaches_the_model(string name, byte[] elements, float expected)
    {
        var type = Enum.Parse<DataType>(name);
        using var session = Open(ModelBuilder.Create(opset: 21, irVersion: 10).Input("x", type, 2).Output("y", 2).Output("same", type, 2)
            .Node("Cast", ["x"], ["y"], ("to", (int)DataType.Float)).Node("Cast", ["y"], ["same"], ("to", (int)type)));

        var outputs = Run(session, "x", new TensorValue(type, [2], elements));

        Assert.AreEqual(type, session.Inputs.Single().Type);
        CollectionAssert.AreEqual(new[] { expected, expected }, MemoryMarshal.Cast<byte, float>(outputs[0].Bytes).ToArray());
        CollectionAssert.AreEqual(elements, outputs[1].Bytes);
    }

    [TestMethod]
    [DataRow(nameof(DataType.Float8E4M3Fn))]
    [DataRow(nameof(DataType.Float8E5M2Fnuz))]
    [DataRow(nameof(DataType.Int4))]
    [DataRow(nameof(DataType.Uint4))]
    public void A_model_whose_input_is_smaller_than_the_types_of_NET_says_that_the_runtimes_API_has_none(string type)
    {
        var refused = Assert.ThrowsExactly<CompressionException>(() => Open(ModelBuilder.Create(opset: 21, irVersion: 10).Input("x", Enum.Parse<DataType>(type), 2).Output("y", 2).Node("Cast", ["x"], ["y"], ("to", (int)DataType.Float))));

        Assert.AreEqual(DiagnosticCodes.ModelDoesNotRun, refused.Code);
        Assert.Contains("an element type that ONNX Runtime's .NET API does not have", refused.Message);
    }

    [TestMethod]
    public void A_model_whose_input_is_a_map_opens_and_says_why_it_cannot_be_run()
    {
        var model = ModelBuilder.Create().Import("ai.onnx.ml", 1)
            .Node("ai.onnx.ml", "DictVectorizer", ["counts"], ["y"], "vectorize", ("int64_vocabulary", new long[] { 1, 2 }))
            .Output("y", DataType.Float)
            .Build();
        model.Graph.Input.Add(new ValueInfoProto { Name = "counts", Type = new TypeProto { MapType = new() { KeyType = (int)DataType.Int64, ValueType = TensorType(DataType.Float) } } });
        using var session = Open(model);

        var refused = Assert.ThrowsExactly<CompressionException>(() => Run(session, "other", Singles([1], 1)));

        Assert.IsEmpty(session.Inputs);
        Assert.AreEqual(DiagnosticCodes.ModelDoesNotRun, refused.Code);
        Assert.Contains("'counts' takes a map", refused.Message);
    }

    private static ModelProto SequenceModel()
    {
        var model = ModelBuilder.Create().Node("Identity", ["list"], ["same"]).Build();
        model.OpsetImport[0].Version = 16;
        var type = new TypeProto { SequenceType = new() { ElemType = TensorType(DataType.Float, "n") } };
        model.Graph.Input.Add(new ValueInfoProto { Name = "list", Type = type });
        model.Graph.Output.Add(new ValueInfoProto { Name = "same", Type = type });
        return model;
    }

    private static TypeProto TensorType(DataType type, params object[] dims) => ModelBuilder.Create().Input("x", type, dims).Build().Graph.Input.Single().Type;

    private static ReadOnlyMemory<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static TensorValue Singles(float[] values, params long[] shape) => new(DataType.Float, shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    private static List<(DataType Type, long[] Shape, byte[] Bytes)> Run(ModelSession session, string name, ModelValue input)
    {
        var outputs = new List<(DataType, long[], byte[])>();
        session.Run(new Dictionary<string, ModelValue> { [name] = input }, (_, type, shape, bytes) => outputs.Add((type, shape.ToArray(), bytes.ToArray())), CancellationToken.None);
        return outputs;
    }

    private ModelSession Open(ModelBuilder model) => Open(model.Build());

    private ModelSession Open(ModelProto model) => ModelSession.Open(folder.Write("model.onnx", model.ToByteArray()), new SessionSettings());
}
