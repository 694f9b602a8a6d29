using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>A tensor lent to the runtime: the managed memory is pinned, not copied.</summary>
internal sealed unsafe class NativeInput : IDisposable
{
    // The runtime wants an address even where there is no element.
    private static readonly byte[] Empty = new byte[16];

    private readonly MemoryHandle pinned;

    public NativeInput(TensorValue tensor)
    {
        pinned = (tensor.Bytes.IsEmpty ? Empty : tensor.Bytes).Pin();
        try
        {
            Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, tensor.Type.ToRuntime(), tensor.Shape, (nint)pinned.Pointer, tensor.Bytes.Length);
        }
        catch
        {
            pinned.Dispose();
            throw;
        }
    }

    public OrtValue Value { get; }

    public void Dispose()
    {
        Value.Dispose();
        pinned.Dispose();
    }
}
