using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>Reads what a run gave.</summary>
internal static class NativeOutput
{
    /// <summary>Tells the reader each tensor of an output: one, those of a sequence in their order, the values of a map in the order of its keys, or none where an optional value is absent.</summary>
    public static void Read(int index, OrtValue value, OutputReader read)
    {
        switch (value.OnnxType)
        {
            case OnnxValueType.ONNX_TYPE_TENSOR:
                ReadTensor(index, value, read);
                break;
            case OnnxValueType.ONNX_TYPE_SEQUENCE:
                for (var (position, count) = (0, value.GetValueCount()); position < count; position++)
                {
                    using var element = value.GetValue(position, OrtAllocator.DefaultInstance);
                    Read(index, element, read);
                }

                break;
            case OnnxValueType.ONNX_TYPE_MAP:
                using (var values = value.GetValue(1, OrtAllocator.DefaultInstance))
                {
                    Read(index, values, read);
                }

                break;
        }
    }

    private static void ReadTensor(int index, OrtValue value, OutputReader read)
    {
        var description = value.GetTensorTypeAndShape();
        var type = description.ElementDataType.ToOnnx();
        var bytes = description.ElementCount == 0 ? []
            : type == TensorProto.Types.DataType.String ? Strings(value, description.ElementCount)
            : value.GetTensorMutableRawData();
        read(index, type, description.Shape, bytes);
    }

    private static ReadOnlySpan<byte> Strings(OrtValue value, long count)
    {
        var bytes = new ArrayBufferWriter<byte>();
        for (var element = 0; element < count; element++)
        {
            bytes.Write(value.GetStringElementAsSpan(element));
            bytes.Write("\0"u8);
        }

        return bytes.WrittenSpan;
    }
}
