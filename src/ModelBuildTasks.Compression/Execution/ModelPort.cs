using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>An input or output of a model as ONNX Runtime sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The element type; of a sequence or a map that of its tensors.</param>
/// <param name="Shape">The dimensions; -1 where dynamic. The runtime tells none for a single number, for an unknown rank, and for what is no tensor.</param>
internal sealed record ModelPort(string Name, TensorProto.Types.DataType Type, long[] Shape)
{
    public PortKind Kind { get; init; }

    /// <summary>Whether the value may be absent.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The name of each dynamic dimension; empty where it has none.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];

    /// <summary>Whether it is a tensor of numbers: what can be observed, compared and carried.</summary>
    public bool IsNumeric => Kind == PortKind.Tensor && Type != TensorProto.Types.DataType.String;

    /// <summary>What it takes, for messages: "float", "a sequence of float tensors".</summary>
    public string TypeText => Kind switch
    {
        PortKind.Tensor => ElementText,
        PortKind.Sequence => $"a sequence of {ElementText} tensors",
        PortKind.Map => "a map",
        _ => "something else than tensors",
    };

    /// <summary>The name of a dynamic dimension; empty where it is fixed or has none.</summary>
    public string Symbol(int axis) => axis < Symbols.Count && Shape[axis] < 0 ? Symbols[axis] : "";

    private string ElementText => Type.ToString().ToLowerInvariant();
}
