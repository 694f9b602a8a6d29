using Microsoft.ML.OnnxRuntime;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>What ONNX Runtime tells of an input or output.</summary>
internal static class PortReading
{
    public static ModelPort Of(string name, NodeMetadata metadata) => metadata.OnnxValueType switch
    {
        OnnxValueType.ONNX_TYPE_TENSOR => new ModelPort(name, metadata.ElementDataType.ToOnnx(), [.. metadata.Dimensions.Select(dimension => (long)dimension)]) { Symbols = metadata.SymbolicDimensions ?? [] },
        OnnxValueType.ONNX_TYPE_OPTIONAL => Of(name, metadata.AsOptionalMetadata().ElementMeta) with { IsOptional = true },
        OnnxValueType.ONNX_TYPE_SEQUENCE => Sequence(Of(name, metadata.AsSequenceMetadata().ElementMeta)),
        OnnxValueType.ONNX_TYPE_MAP => Of(name, metadata.AsMapMetadata().ValueMetadata) is { Kind: PortKind.Tensor } values
            ? values with { Kind = PortKind.Map, Shape = [], Symbols = [] }
            : Unknown(name),
        _ => Unknown(name),
    };

    // What a sequence holds: its tensors, or the values of its maps.
    private static ModelPort Sequence(ModelPort element) => element.Kind is PortKind.Tensor or PortKind.Map
        ? element with { Kind = PortKind.Sequence, Shape = [], Symbols = [] }
        : Unknown(element.Name);

    private static ModelPort Unknown(string name) => new(name, DataType.Undefined, []) { Kind = PortKind.Other };
}
