using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>Receives each output of a run while its memory lives; a sequence comes as one call for each of its tensors, in their order.</summary>
/// <param name="index">The position in <see cref="ModelSession.Outputs"/>.</param>
/// <param name="type">The element type.</param>
/// <param name="shape">The dimensions of this run.</param>
/// <param name="bytes">Little-endian row-major elements, valid during the call; strings are UTF-8, each ended by a zero byte.</param>
internal delegate void OutputReader(int index, TensorProto.Types.DataType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes);
