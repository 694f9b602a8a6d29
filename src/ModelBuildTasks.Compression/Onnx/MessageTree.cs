using Google.Protobuf;
using Google.Protobuf.Collections;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>The part of the schema between the model and its tensors: the fields through which a tensor can be reached.</summary>
internal static class MessageTree
{
    /// <summary>
    /// The message that a length-delimited field on the way to tensors belongs to: the one there is, or a new one; null for every other
    /// field.
    /// </summary>
    public static IMessage? Open(IMessage parent, int field) => (parent, field) switch
    {
        (ModelProto model, ModelProto.GraphFieldNumber) => model.Graph ??= new GraphProto(),
        (ModelProto model, ModelProto.TrainingInfoFieldNumber) => Added(model.TrainingInfo),
        (ModelProto model, ModelProto.FunctionsFieldNumber) => Added(model.Functions),
        (TrainingInfoProto training, TrainingInfoProto.InitializationFieldNumber) => training.Initialization ??= new GraphProto(),
        (TrainingInfoProto training, TrainingInfoProto.AlgorithmFieldNumber) => training.Algorithm ??= new GraphProto(),
        (FunctionProto function, FunctionProto.NodeFieldNumber) => Added(function.Node),
        (FunctionProto function, FunctionProto.AttributeProtoFieldNumber) => Added(function.AttributeProto),
        (GraphProto graph, GraphProto.NodeFieldNumber) => Added(graph.Node),
        (GraphProto graph, GraphProto.InitializerFieldNumber) => Added(graph.Initializer),
        (GraphProto graph, GraphProto.SparseInitializerFieldNumber) => Added(graph.SparseInitializer),
        (NodeProto node, NodeProto.AttributeFieldNumber) => Added(node.Attribute),
        (AttributeProto attribute, AttributeProto.TFieldNumber) => attribute.T ??= new TensorProto(),
        (AttributeProto attribute, AttributeProto.GFieldNumber) => attribute.G ??= new GraphProto(),
        (AttributeProto attribute, AttributeProto.TensorsFieldNumber) => Added(attribute.Tensors),
        (AttributeProto attribute, AttributeProto.GraphsFieldNumber) => Added(attribute.Graphs),
        (AttributeProto attribute, AttributeProto.SparseTensorFieldNumber) => attribute.SparseTensor ??= new SparseTensorProto(),
        (AttributeProto attribute, AttributeProto.SparseTensorsFieldNumber) => Added(attribute.SparseTensors),
        (SparseTensorProto sparse, SparseTensorProto.ValuesFieldNumber) => sparse.Values ??= new TensorProto(),
        (SparseTensorProto sparse, SparseTensorProto.IndicesFieldNumber) => sparse.Indices ??= new TensorProto(),
        _ => null,
    };

    /// <summary>The messages that <see cref="Open"/> knows in a message, with their fields, in the order of the field numbers.</summary>
    public static IEnumerable<(int Field, IMessage Message)> Children(IMessage parent) => parent switch
    {
        ModelProto model =>
        [
            .. One(ModelProto.GraphFieldNumber, model.Graph),
            .. Many(ModelProto.TrainingInfoFieldNumber, model.TrainingInfo),
            .. Many(ModelProto.FunctionsFieldNumber, model.Functions),
        ],
        TrainingInfoProto training =>
        [
            .. One(TrainingInfoProto.InitializationFieldNumber, training.Initialization),
            .. One(TrainingInfoProto.AlgorithmFieldNumber, training.Algorithm),
        ],
        FunctionProto function =>
        [
            .. Many(FunctionProto.NodeFieldNumber, function.Node),
            .. Many(FunctionProto.AttributeProtoFieldNumber, function.AttributeProto),
        ],
        GraphProto graph =>
        [
            .. Many(GraphProto.NodeFieldNumber, graph.Node),
            .. Many(GraphProto.InitializerFieldNumber, graph.Initializer),
            .. Many(GraphProto.SparseInitializerFieldNumber, graph.SparseInitializer),
        ],
        NodeProto node => Many(NodeProto.AttributeFieldNumber, node.Attribute),
        AttributeProto attribute =>
        [
            .. One(AttributeProto.TFieldNumber, attribute.T),
            .. One(AttributeProto.GFieldNumber, attribute.G),
            .. Many(AttributeProto.TensorsFieldNumber, attribute.Tensors),
            .. Many(AttributeProto.GraphsFieldNumber, attribute.Graphs),
            .. One(AttributeProto.SparseTensorFieldNumber, attribute.SparseTensor),
            .. Many(AttributeProto.SparseTensorsFieldNumber, attribute.SparseTensors),
        ],
        SparseTensorProto sparse =>
        [
            .. One(SparseTensorProto.ValuesFieldNumber, sparse.Values),
            .. One(SparseTensorProto.IndicesFieldNumber, sparse.Indices),
        ],
        _ => [],
    };

    /// <summary>Every tensor in a message, those of subgraphs, functions and sparse tensors too.</summary>
    public static IEnumerable<TensorProto> Tensors(IMessage message) => message is TensorProto tensor
        ? [tensor]
        : Children(message).SelectMany(child => Tensors(child.Message));

    /// <summary>A copy of a message without what <see cref="Children"/> yields and without raw_data; unknown fields are in it.</summary>
    public static IMessage Shell(IMessage message)
    {
        switch (message)
        {
            // A clone would copy the whole model only to drop it.
            case ModelProto model:
                return model.Shell();
            case GraphProto graph:
                return graph.Shell();
            case FunctionProto function:
                var functionShell = function.Clone();
                functionShell.Node.Clear();
                functionShell.AttributeProto.Clear();
                return functionShell;
            case TrainingInfoProto training:
                var trainingShell = training.Clone();
                trainingShell.Initialization = null;
                trainingShell.Algorithm = null;
                return trainingShell;
            case NodeProto node:
                var nodeShell = node.Clone();
                nodeShell.Attribute.Clear();
                return nodeShell;
            case AttributeProto attribute:
                var attributeShell = attribute.Clone();
                attributeShell.T = null;
                attributeShell.G = null;
                attributeShell.Tensors.Clear();
                attributeShell.Graphs.Clear();
                attributeShell.SparseTensor = null;
                attributeShell.SparseTensors.Clear();
                return attributeShell;
            case SparseTensorProto sparse:
                var sparseShell = sparse.Clone();
                sparseShell.Values = null;
                sparseShell.Indices = null;
                return sparseShell;
            case TensorProto tensor:
                var tensorShell = tensor.Clone();
                tensorShell.ClearRawData();
                return tensorShell;
            default:
                throw new ArgumentException($"{message.Descriptor.Name} is not on the way to tensors.", nameof(message));
        }
    }

    private static IEnumerable<(int Field, IMessage Message)> One(int field, IMessage? message) =>
        message is null ? [] : [(field, message)];

    private static IEnumerable<(int Field, IMessage Message)> Many<T>(int field, RepeatedField<T> messages)
        where T : IMessage => messages.Select(message => (field, (IMessage)message));

    private static T Added<T>(RepeatedField<T> messages)
        where T : new()
    {
        var message = new T();
        messages.Add(message);
        return message;
    }
}
