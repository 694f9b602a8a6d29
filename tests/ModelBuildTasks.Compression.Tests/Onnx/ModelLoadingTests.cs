using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class ModelLoadingTests : IDisposable
{
    private const int ViewedElements = 5000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_model_is_what_protobuf_reads()
    {
        var path = Weighted().Save(folder);

        using var model = OnnxModel.Load(path);

        Assert.AreEqual(ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)), model.Proto);
        Assert.AreEqual(new FileInfo(path).Length, model.SizeInBytes);
        Assert.AreEqual(13, model.Opset);
        Assert.AreEqual(path, model.Path);
    }

    [TestMethod]
    public void Large_tensors_of_initializers_Constant_nodes_and_subgraphs_are_views_of_the_file()
    {
        var model = Weighted().Load(folder);
        var graph = model.Proto.Graph;
        var tensors = new[] { graph.Initializer[0], graph.Node[0].Attribute[0].T, graph.Node[1].Attribute[0].G.Initializer[0] };
        Assert.IsTrue(tensors.All(tensor => tensor.Singles()[3] == 3));

        model.Dispose();

        foreach (var tensor in tensors)
        {
            Assert.ThrowsExactly<ObjectDisposedException>(() => tensor.RawData.Span.Length);
        }
    }

    [TestMethod]
    public void A_clone_of_a_tensor_shares_its_view()
    {
        using var model = Weighted().Load(folder);

        var clone = model.Proto.Clone();

        Assert.AreSame(model.Proto.Graph.Initializer[0].RawData, clone.Graph.Initializer[0].RawData);
    }

    [TestMethod]
    public void Messages_written_in_several_parts_are_merged()
    {
        var proto = Weighted().Build();
        var second = new ModelProto { Graph = new GraphProto { DocString = "second part", Initializer = { TensorValues.Create("more", [1f]) } } };
        var path = folder.Write("model.onnx", [.. proto.ToByteArray(), .. second.ToByteArray()]);

        using var model = OnnxModel.Load(path);

        Assert.AreEqual(ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)), model.Proto);
        Assert.AreEqual("more", model.Proto.Graph.Initializer[^1].Name);
    }

    [TestMethod]
    public void Of_raw_data_written_twice_the_last_counts()
    {
        var tensor = TensorValues.Create("w", [1f]);
        var last = new TensorProto { RawData = ByteString.CopyFrom(0, 0, 0, 64) };
        byte[] twice = [.. tensor.ToByteArray(), .. last.ToByteArray()];
        byte[] graph = [5 << 3 | 2, (byte)twice.Length, .. twice];
        var path = folder.Write("model.onnx", [.. Weighted().Build().ToByteArray(), 7 << 3 | 2, (byte)graph.Length, .. graph]);

        using var model = OnnxModel.Load(path);

        Assert.AreEqual(2f, model.Proto.Graph.Initializer[^1].Singles()[0]);
    }

    [TestMethod]
    public void A_missing_file_is_unreadable() => Expect.Error(DiagnosticCodes.ModelUnreadable, () => OnnxModel.Load(folder.File("missing.onnx")));

    [TestMethod]
    public void A_missing_folder_is_unreadable() => Expect.Error(DiagnosticCodes.ModelUnreadable, () => OnnxModel.Load(folder.File("missing/model.onnx")));

    [TestMethod]
    public void A_folder_is_unreadable() => Expect.Error(DiagnosticCodes.ModelUnreadable, () => OnnxModel.Load(folder.Path));

    [TestMethod]
    [DataRow("")]
    [DataRow("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n")]
    [DataRow("hello")]
    [DataRow("\0\0\0\0\0\0\0\0")]
    [DataRow("<!DOCTYPE html><html><body>Not found</body></html>")]
    [DataRow("PK\u0003\u0004 a zip archive")]
    public void Any_other_file_is_not_a_model(string content)
    {
        var path = folder.Write("model.onnx", System.Text.Encoding.UTF8.GetBytes(content));

        Expect.Error(DiagnosticCodes.NotAnOnnxModel, () => OnnxModel.Load(path));
    }

    [TestMethod]
    public void A_model_needs_a_graph() => ExpectInvalid(model => model.Graph = null);

    [TestMethod]
    public void A_model_needs_an_output() => ExpectInvalid(model => model.Graph.Output.Clear());

    [TestMethod]
    public void A_model_needs_an_operator_set() => ExpectError(DiagnosticCodes.UnsupportedOpset, model => model.OpsetImport.Clear());

    [TestMethod]
    public void Nodes_must_not_form_a_cycle() => ExpectInvalid(model =>
    {
        model.Graph.Node.Add(ModelBuilder.NewNode("Relu", ["a"], ["b"]));
        model.Graph.Node.Add(ModelBuilder.NewNode("Relu", ["b"], ["a"]));
    });

    [TestMethod]
    [DataRow(0)]
    [DataRow(27)]
    [DataRow(-1)]
    [DataRow(long.MaxValue)]
    public void Opsets_outside_1_to_26_are_not_supported(long opset) =>
        ExpectError(DiagnosticCodes.UnsupportedOpset, model => model.OpsetImport[0].Version = opset);

    [TestMethod]
    public void A_model_without_any_opset_is_not_supported() =>
        ExpectError(DiagnosticCodes.UnsupportedOpset, model => model.OpsetImport.Clear());

    [TestMethod]
    public void A_model_whose_operators_are_all_of_other_sets_loads()
    {
        var proto = Weighted().Build();
        proto.OpsetImport[0].Domain = "com.example";

        using var model = OnnxModel.Load(folder.Write("model.onnx", proto.ToByteArray()));

        Assert.AreEqual(0, model.Opset);
    }

    [TestMethod]
    [DataRow(1, "")]
    [DataRow(26, "ai.onnx")]
    public void Opsets_from_1_to_26_load_under_either_name_of_the_domain(int opset, string domain)
    {
        var proto = Weighted().Build();
        proto.OpsetImport[0].Version = opset;
        proto.OpsetImport[0].Domain = domain;

        using var model = OnnxModel.Load(folder.Write("model.onnx", proto.ToByteArray()));

        Assert.AreEqual(opset, model.Opset);
    }

    [TestMethod]
    public void A_tensor_must_have_the_bytes_of_its_shape() => ExpectInvalid(model => model.Graph.Initializer[0].Dims[0]--);

    [TestMethod]
    public void A_tensor_must_have_the_values_of_its_shape_in_a_typed_field_too() => ExpectInvalid(model => model.Graph.Initializer.Add(
        new TensorProto { Name = "v", DataType = (int)DataType.Int64, Dims = { 3 }, Int64Data = { 1, 2 } }));

    [TestMethod]
    public void A_string_tensor_must_have_the_strings_of_its_shape() => ExpectInvalid(model => model.Graph.Initializer.Add(
        new TensorProto { Name = "v", DataType = (int)DataType.String, Dims = { 2 }, StringData = { ByteString.Empty } }));

    [TestMethod]
    [DataRow(-1L, 1L)]
    [DataRow(1L << 40, 1L << 40)]
    [DataRow(1L << 61, 1L)]
    public void A_shape_must_be_countable(long first, long second) => ExpectInvalid(model => model.Graph.Initializer.Add(
        new TensorProto { Name = "v", DataType = (int)DataType.Float, Dims = { first, second } }));

    [TestMethod]
    public void Tensors_of_types_newer_than_the_schema_are_left_alone()
    {
        var proto = Weighted().Build();
        proto.Graph.Initializer.Add(new TensorProto { Name = "v", DataType = 99, Dims = { 3 }, RawData = ByteString.CopyFrom(1) });

        using var model = OnnxModel.Load(folder.Write("model.onnx", proto.ToByteArray()));

        Assert.AreEqual(proto, model.Proto);
    }

    [TestMethod]
    public void Deep_nesting_is_an_error_and_no_stack_overflow()
    {
        byte[] message = Enumerable.Range(0, 201).Aggregate(Array.Empty<byte>(), (inner, depth) =>
            [(byte)((depth % 3) switch { 0 => 6, 1 => 5, _ => 1 } << 3 | 2), .. Varint(inner.Length), .. inner]);
        var path = folder.Write("model.onnx", [7 << 3 | 2, .. Varint(message.Length), .. message]);

        var error = Expect.Error(DiagnosticCodes.NotAnOnnxModel, () => OnnxModel.Load(path));
        Assert.Contains("nested", error.Message);
    }

    [TestMethod]
    public void An_operator_set_is_imported_once()
    {
        using var model = Weighted().Load(folder);

        model.ImportOperatorSet("com.microsoft", 1);
        model.ImportOperatorSet("com.microsoft", 1);
        model.ImportOperatorSet("ai.onnx", 11);

        Assert.AreEqual("13 com.microsoft1", string.Join(' ', model.Proto.OpsetImport.Select(import => import.Domain + import.Version)));
    }

    private static byte[] Varint(int value)
    {
        var output = new MemoryStream();
        using (var stream = new CodedOutputStream(output, leaveOpen: true))
        {
            stream.WriteLength(value);
        }

        return output.ToArray();
    }

    private static ModelBuilder Weighted()
    {
        var values = Enumerable.Range(0, ViewedElements).Select(value => (float)value).ToArray();
        return ModelBuilder.Create()
            .Input("x", 1, ViewedElements)
            .Input("condition", DataType.Bool)
            .Constant("w", values, ViewedElements)
            .Constant("small", [1f, 2], 2)
            .ConstantNode("c", TensorValues.Create("", values, ViewedElements))
            .Node("If", ["condition"], ["z"], ("then_branch", ModelBuilder.Subgraph(then => then
                .Constant("w2", values, ViewedElements).Node("Add", ["x", "w2"], ["t"]).Output("t"))))
            .Node("Add", ["z", "w"], ["y"])
            .Output("y", 1, ViewedElements);
    }

    private void ExpectInvalid(Action<ModelProto> damage) => ExpectError(DiagnosticCodes.NotAnOnnxModel, damage);

    private void ExpectError(string code, Action<ModelProto> damage)
    {
        var proto = Weighted().Build();
        damage(proto);
        var path = folder.Write("model.onnx", proto.ToByteArray());

        Expect.Error(code, () => OnnxModel.Load(path));
    }
}
