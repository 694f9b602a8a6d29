using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class SignatureTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Inputs_and_outputs_have_names_types_and_shapes_in_the_models_order()
    {
        var signature = Read(ModelBuilder.Create()
            .Input("image", DataType.Float, "batch", 3, 224, 224)
            .Input("ids", DataType.Int64, "batch")
            .Input("scalar", DataType.Bool)
            .Node("Relu", ["image"], ["y"])
            .Output("scores", DataType.Float, 1, 1000)
            .Output("any", DataType.Uint8));

        Assert.AreEqual("image:1[batch,3,224,224] ids:7[batch] scalar:9[]", Text(signature.Inputs));
        Assert.AreEqual("scores:1[1,1000] any:2", Text(signature.Outputs));
    }

    [TestMethod]
    public void Inputs_with_an_initializer_are_left_out()
    {
        var builder = ModelBuilder.Create().Input("x", 4).Input("w", 4).Input("s", 4).Constant("w", new float[4], 4).Node("Add", ["x", "w"], ["y"]).Output("y", 4);
        var model = builder.Build();
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = TensorValues.Create("s", [1f], 1), Indices = TensorValues.Create("", [1L], 1), Dims = { 4 } });

        var signature = OnnxSignature.Read(folder.Write("model.onnx", model.ToByteArray()));

        Assert.AreEqual("x:1[4]", Text(signature.Inputs));
    }

    [TestMethod]
    public void Unknown_dimensions_and_types_that_are_no_tensors_say_so()
    {
        var model = ModelBuilder.Create().Input("x", 4).Node("Relu", ["x"], ["y"]).Output("y").Build();
        model.Graph.Input[0].Type.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension());
        model.Graph.Output[0].Type = new TypeProto { SequenceType = new() { ElemType = new() { TensorType = new() { ElemType = 1 } } } };

        var signature = OnnxSignature.Read(folder.Write("model.onnx", model.ToByteArray()));

        Assert.AreEqual("x:1[4,?]", Text(signature.Inputs));
        Assert.AreEqual("y:0", Text(signature.Outputs));
    }

    [TestMethod]
    public void A_port_has_the_scale_and_zero_point_that_the_metadata_tells()
    {
        var model = ModelBuilder.Create().Input("x", DataType.Uint8, 4).Input("z", DataType.Uint8, 4).Node("Identity", ["x"], ["y"]).Output("y", DataType.Int8, 4).Build();
        var (inputKeys, outputKeys) = (PortQuantization.InputKeys("x"), PortQuantization.OutputKeys("y"));
        model.MetadataProps.Add(new StringStringEntryProto { Key = inputKeys.Scale, Value = new PortQuantization(0.1f, 7).ScaleText });
        model.MetadataProps.Add(new StringStringEntryProto { Key = inputKeys.ZeroPoint, Value = "7" });
        model.MetadataProps.Add(new StringStringEntryProto { Key = outputKeys.Scale, Value = "1E-10" });
        model.MetadataProps.Add(new StringStringEntryProto { Key = outputKeys.ZeroPoint, Value = "-128" });

        var signature = OnnxSignature.Read(folder.Write("model.onnx", model.ToByteArray()));

        Assert.AreEqual(new PortQuantization(0.1f, 7), signature.Inputs[0].Quantization);
        Assert.AreEqual(2, signature.Inputs[0].ElementType);
        Assert.IsNull(signature.Inputs[1].Quantization);
        Assert.AreEqual(new PortQuantization(1e-10f, -128), signature.Outputs[0].Quantization);
        Assert.AreEqual(3, signature.Outputs[0].ElementType);
    }

    [TestMethod]
    [DataRow("0.5", "")]
    [DataRow("0.5", "1.5")]
    [DataRow("0", "1")]
    [DataRow("-1", "1")]
    [DataRow("NaN", "1")]
    [DataRow("0,5", "1")]
    [DataRow("Infinity", "1")]
    public void Metadata_that_is_no_quantization_says_nothing(string scale, string zeroPoint)
    {
        var model = ModelBuilder.Create().Input("x", DataType.Uint8, 4).Node("Identity", ["x"], ["y"]).Output("y", DataType.Uint8, 4).Build();
        var keys = PortQuantization.InputKeys("x");
        model.MetadataProps.Add(new StringStringEntryProto { Key = keys.Scale, Value = scale });
        model.MetadataProps.Add(new StringStringEntryProto { Key = keys.ZeroPoint, Value = zeroPoint });

        Assert.IsNull(OnnxSignature.Read(folder.Write("model.onnx", model.ToByteArray())).Inputs[0].Quantization);
    }

    [TestMethod]
    public void Large_weights_between_are_skipped()
    {
        var signature = Read(ModelBuilder.Create().Input("x", 4).Constant("w", new float[100_000], 100_000).Constant("v", new float[100_000], 100_000).Node("Relu", ["x"], ["y"]).Output("y", 4));

        Assert.AreEqual("x:1[4]", Text(signature.Inputs));
    }

    [TestMethod]
    public void A_model_cut_off_anywhere_before_the_end_of_its_graph_is_an_error()
    {
        var graph = ModelBuilder.Create().Input("x", 4).Constant("w", [1f]).Node("Add", ["x", "w"], ["y"]).Output("y", 4).Build().Graph;
        var bytes = new ModelProto { Graph = graph }.ToByteArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            var path = folder.Write("cut.onnx", bytes.AsSpan(0, length));
            Expect.Error(DiagnosticCodes.NotAnOnnxModel, () => OnnxSignature.Read(path));
        }
    }

    [TestMethod]
    public void A_missing_file_is_unreadable() => Expect.Error(DiagnosticCodes.ModelUnreadable, () => OnnxSignature.Read(folder.File("missing.onnx")));

    [TestMethod]
    public void A_folder_is_unreadable() => Expect.Error(DiagnosticCodes.ModelUnreadable, () => OnnxSignature.Read(folder.Path));

    private OnnxSignature Read(ModelBuilder builder) => OnnxSignature.Read(builder.Save(folder));

    private static string Text(IReadOnlyList<OnnxPort> ports) => string.Join(' ', ports.Select(port => $"{port.Name}:{port.ElementType}{Text(port.Shape)}"));

    private static string Text(IReadOnlyList<OnnxDimension>? shape) => shape is null
        ? ""
        : $"[{string.Join(',', shape.Select(dimension => dimension.Name ?? dimension.Size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))}]";
}
