using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Float16;

/// <summary>Which inputs and outputs of an operator become float16 together (those of its type T in docs/Operators.md of ONNX); the others keep their types.</summary>
/// <param name="Inputs">Positions; null for all.</param>
/// <param name="Outputs">Positions; null for all.</param>
internal sealed record HalfForm(IReadOnlyList<int>? Inputs, IReadOnlyList<int>? Outputs)
{
    /// <summary>Positions of a node's inputs that become float16; omitted ones are left out.</summary>
    public IEnumerable<int> InputsOf(NodeProto node) => Enumerable.Range(0, node.Input.Count).Where(index => node.Input[index].Length > 0 && Inputs?.Contains(index) != false);

    /// <summary>Positions of a node's outputs that become float16; omitted ones are left out.</summary>
    public IEnumerable<int> OutputsOf(NodeProto node) => Enumerable.Range(0, node.Output.Count).Where(index => node.Output[index].Length > 0 && Outputs?.Contains(index) != false);
}
