using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Onnx;

/// <summary>What is loaded and saved again is what it was, wherever a tensor stands and whatever it holds.</summary>
[TestClass]
public sealed class RoundTripTests : IDisposable
{
    // Odd, so that packed elements leave a part of the last byte; large enough to be views.
    private const int Elements = 40_001;

    private readonly TemporaryFolder folder = new();

    public static IEnumerable<object[]> ElementTypes => Enum.GetValues<DataType>().Where(type => type.Bits() > 0).Select(type => new object[] { type });

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(ElementTypes))]
    public void Raw_data_of_every_element_type(object type)
    {
        ExpectSame(Model(Raw((DataType)type, 5)));
        ExpectSame(Model(Raw((DataType)type, Elements)));
    }

    [TestMethod]
    [DynamicData(nameof(ElementTypes))]
    public void Typed_fields_of_every_element_type(object type) => ExpectSame(Model(Typed((DataType)type)));

    [TestMethod]
    [DynamicData(nameof(ElementTypes))]
    public void External_data_of_every_element_type(object type)
    {
        var tensor = Raw((DataType)type, Elements);

        ExpectSame(Model(External(tensor.Clone())), Model(tensor));
    }

    [TestMethod]
    public void Strings() => ExpectSame(Model(new TensorProto { DataType = (int)DataType.String, Dims = { 2 }, StringData = { ByteString.CopyFromUtf8("é"), ByteString.Empty } }));

    [TestMethod]
    public void Sparse_initializers()
    {
        var inside = Model();
        inside.Graph.SparseInitializer.Add(Sparse(tensor => tensor));
        ExpectSame(inside);

        var outside = Model();
        outside.Graph.SparseInitializer.Add(Sparse(External));
        ExpectSame(outside, inside);
    }

    [TestMethod]
    public void Functions()
    {
        var inside = Model();
        inside.Functions.Add(Function(tensor => tensor));
        inside.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        ExpectSame(inside);

        var outside = inside.Clone();
        outside.Functions[0] = Function(External);
        ExpectSame(outside, inside);
    }

    private static ModelProto Model(params TensorProto[] tensors)
    {
        var builder = ModelBuilder.Create().Input("x", 1).Node("Relu", ["x"], ["y"]).Output("y", 1);
        for (var i = 0; i < tensors.Length; i++)
        {
            builder.Constant($"tensor{i}", tensors[i]);
        }

        return builder.Build();
    }

    private static TensorProto Raw(DataType type, int elements)
    {
        var bytes = new byte[type.Bytes(elements)];
        new Random(1).NextBytes(bytes);
        return TensorValues.Create("", type, ByteString.CopyFrom(bytes), elements);
    }

    private static TensorProto Typed(DataType type)
    {
        var tensor = new TensorProto { DataType = (int)type, Dims = { 3 } };
        switch (type)
        {
            case DataType.Float:
                tensor.FloatData.Add([1, 2, 3]);
                break;
            case DataType.Complex64:
                tensor.FloatData.Add([1, 2, 3, 4, 5, 6]);
                break;
            case DataType.Double:
                tensor.DoubleData.Add([1, 2, 3]);
                break;
            case DataType.Complex128:
                tensor.DoubleData.Add([1, 2, 3, 4, 5, 6]);
                break;
            case DataType.Int64:
                tensor.Int64Data.Add([1, -2, 3]);
                break;
            case DataType.Uint32 or DataType.Uint64:
                tensor.Uint64Data.Add([1, 2, 3]);
                break;
            default:
                // Packed types: one int32 for each byte.
                tensor.Int32Data.Add(Enumerable.Range(1, (int)((Math.Min(type.Bits(), 8) * 3) + 7) / 8));
                break;
        }

        return tensor;
    }

    private static SparseTensorProto Sparse(Func<TensorProto, TensorProto> place) => new()
    {
        Values = place(Raw(DataType.Float, Elements)),
        Indices = place(TensorValues.Create("", Enumerable.Range(0, Elements).Select(index => (long)index).ToArray().AsSpan(), Elements)),
        Dims = { 1 << 20 },
    };

    private static FunctionProto Function(Func<TensorProto, TensorProto> place)
    {
        var function = new FunctionProto { Name = "f", Domain = "local", Input = { "a" }, Output = { "b" }, Attribute = { "axis" } };
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        function.AttributeProto.Add(new AttributeProto { Name = "table", Type = AttributeProto.Types.AttributeType.Tensor, T = place(Raw(DataType.Float, Elements)) });
        function.Node.Add(ModelBuilder.NewNode("Constant", [], ["c"], ("value", place(Raw(DataType.Float, Elements)))));
        function.Node.Add(ModelBuilder.NewNode("Add", ["a", "c"], ["b"]));
        return function;
    }

    private TensorProto External(TensorProto tensor)
    {
        var file = $"{Guid.NewGuid():N}.bin";
        folder.Write(file, tensor.RawData.Span);
        tensor.ClearRawData();
        new ExternalLocation(file, 0, new FileInfo(folder.File(file)).Length).WriteTo(tensor);
        return tensor;
    }

    private void ExpectSame(ModelProto model, ModelProto? expected = null)
    {
        using var loaded = OnnxModel.Load(folder.Write("model.onnx", model.ToByteArray()));
        Assert.AreEqual(expected ?? model, loaded.Proto);

        loaded.Save(folder.File("saved.onnx"));
        Assert.AreEqual(expected ?? model, ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder.File("saved.onnx"))));

        Directory.CreateDirectory(folder.File("with-data"));
        ExternalDataWriter.Write(loaded.Proto, folder.File("with-data/saved.onnx"), loaded.Path);
        using var again = OnnxModel.Load(folder.File("with-data/saved.onnx"));
        Assert.AreEqual(expected ?? model, again.Proto);
    }
}
