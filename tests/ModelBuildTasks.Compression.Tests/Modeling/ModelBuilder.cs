using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>Small models for tests, written in the order in which one reads them.</summary>
internal sealed class ModelBuilder
{
    private readonly ModelProto model = new() { Graph = new GraphProto { Name = "graph" } };

    private ModelBuilder(int opset, int irVersion)
    {
        model.IrVersion = irVersion;
        model.ProducerName = "ModelBuildTasks.Tests";
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
    }

    private GraphProto Graph => model.Graph;

    public static ModelBuilder Create(int opset = 13, int irVersion = 8) => new(opset, irVersion);

    /// <summary>A graph for an attribute (the body of If, Loop, Scan); its outputs need no type.</summary>
    public static GraphProto Subgraph(Action<ModelBuilder> build)
    {
        var builder = Create();
        build(builder);
        return builder.Graph;
    }

    public ModelBuilder Import(string domain, int version)
    {
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        return this;
    }

    /// <summary>A FLOAT input with fixed dimensions.</summary>
    public ModelBuilder Input(string name, params long[] dims) => Input(name, DataType.Float, [.. dims.Cast<object>()]);

    /// <summary>An input whose dimensions are numbers (int or long) or symbolic names (string).</summary>
    public ModelBuilder Input(string name, DataType type, params object[] dims)
    {
        Graph.Input.Add(Value(name, type, dims));
        return this;
    }

    /// <summary>A FLOAT output; without dimensions its shape is left to inference.</summary>
    public ModelBuilder Output(string name, params long[] dims) => Output(name, DataType.Float, [.. dims.Cast<object>()]);

    public ModelBuilder Output(string name, DataType type, params object[] dims)
    {
        Graph.Output.Add(dims.Length == 0 ? new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new() { ElemType = (int)type } } } : Value(name, type, dims));
        return this;
    }

    /// <summary>An output that is a sequence of tensors.</summary>
    public ModelBuilder SequenceOutput(string name, DataType type)
    {
        Graph.Output.Add(new ValueInfoProto { Name = name, Type = new TypeProto { SequenceType = new() { ElemType = new TypeProto { TensorType = new() { ElemType = (int)type } } } } });
        return this;
    }

    /// <summary>A value_info entry: the type of a value inside the graph.</summary>
    public ModelBuilder Inner(string name, params long[] dims)
    {
        Graph.ValueInfo.Add(Value(name, DataType.Float, [.. dims.Cast<object>()]));
        return this;
    }

    /// <summary>An initializer under a name of its own.</summary>
    public ModelBuilder Constant(string name, TensorProto tensor)
    {
        tensor.Name = name;
        Graph.Initializer.Add(tensor);
        return this;
    }

    /// <summary>A FLOAT initializer.</summary>
    public ModelBuilder Constant(string name, float[] values, params long[] dims) => Constant(name, TensorValues.Create(name, values, dims));

    /// <summary>An INT64 initializer.</summary>
    public ModelBuilder Constant(string name, long[] values, params long[] dims) => Constant(name, TensorValues.Create(name, values, dims));

    /// <summary>A weight in a Constant node, as some exporters write them.</summary>
    public ModelBuilder ConstantNode(string output, TensorProto tensor, string name = "") => Node("Constant", [], [output], name, ("value", tensor));

    /// <summary>A node; attributes are int, long, float, string, arrays of int, long, float or string, tensors or graphs.</summary>
    public ModelBuilder Node(string operation, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes) =>
        Node(operation, inputs, outputs, $"{operation}_{Graph.Node.Count}", attributes);

    public ModelBuilder Node(string operation, string[] inputs, string[] outputs, string name, params (string Name, object Value)[] attributes) =>
        Node("", operation, inputs, outputs, name, attributes);

    /// <summary>A node of another domain, which is imported at version 1 unless it was before.</summary>
    public ModelBuilder Node(string domain, string operation, string[] inputs, string[] outputs, string name, params (string Name, object Value)[] attributes)
    {
        if (model.OpsetImport.All(import => import.Domain != domain))
        {
            Import(domain, 1);
        }

        Graph.Node.Add(NewNode(domain, operation, inputs, outputs, name, attributes));
        return this;
    }

    /// <summary>A node that is in no graph yet.</summary>
    public static NodeProto NewNode(string operation, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes) =>
        NewNode("", operation, inputs, outputs, "", attributes);

    public ModelProto Build() => model.Clone();

    /// <summary>Writes the model into a folder and returns its path.</summary>
    public string Save(TemporaryFolder folder, string name = "model.onnx") => folder.Write(name, model.ToByteArray());

    /// <summary>The model as it is loaded from a folder.</summary>
    public OnnxModel Load(TemporaryFolder folder, string name = "model.onnx") => OnnxModel.Load(Save(folder, name));

    private static NodeProto NewNode(string domain, string operation, string[] inputs, string[] outputs, string name, (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = name, Domain = domain };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)));
        return node;
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case int or long:
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                attribute.I = Convert.ToInt64(value, null);
                break;
            case float single:
                attribute.Type = AttributeProto.Types.AttributeType.Float;
                attribute.F = single;
                break;
            case string text:
                attribute.Type = AttributeProto.Types.AttributeType.String;
                attribute.S = ByteString.CopyFromUtf8(text);
                break;
            case int[] integers:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.AddRange(integers.Select(integer => (long)integer));
                break;
            case long[] integers:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.AddRange(integers);
                break;
            case float[] singles:
                attribute.Type = AttributeProto.Types.AttributeType.Floats;
                attribute.Floats.AddRange(singles);
                break;
            case string[] texts:
                attribute.Type = AttributeProto.Types.AttributeType.Strings;
                attribute.Strings.AddRange(texts.Select(ByteString.CopyFromUtf8));
                break;
            case TensorProto tensor:
                attribute.Type = AttributeProto.Types.AttributeType.Tensor;
                attribute.T = tensor;
                break;
            case GraphProto graph:
                attribute.Type = AttributeProto.Types.AttributeType.Graph;
                attribute.G = graph;
                break;
            default:
                throw new ArgumentException($"No attribute holds a {value.GetType()}.", nameof(value));
        }

        return attribute;
    }

    private static ValueInfoProto Value(string name, DataType type, object[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(dims.Select(dim => dim is string symbol
            ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
            : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dim, null) }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }
}
