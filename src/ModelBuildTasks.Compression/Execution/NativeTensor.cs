using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>A tensor lent to the runtime: pinned where it begins at a cache line, else copied to where one begins.</summary>
internal sealed unsafe class NativeTensor : NativeInput
{
    // The runtime's reductions sum in another order from another alignment: the same tensor would give other bits where the garbage collector has moved it.
    private const int Alignment = 64;

    private readonly MemoryHandle pinned;
    private readonly void* copy;

    public NativeTensor(TensorValue tensor)
    {
        pinned = tensor.Bytes.Pin();
        var address = pinned.Pointer;
        try
        {
            // The runtime wants an address even where there is no element.
            if (tensor.Bytes.IsEmpty || (nuint)address % Alignment != 0)
            {
                address = copy = NativeMemory.AlignedAlloc((nuint)Math.Max(1, tensor.Bytes.Length), Alignment);
                tensor.Bytes.Span.CopyTo(new Span<byte>(copy, tensor.Bytes.Length));
            }

            Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, tensor.Type.ToRuntime(), tensor.Shape, (nint)address, tensor.Bytes.Length);
        }
        catch
        {
            Release();
            throw;
        }
    }

    public override OrtValue Value { get; }

    public override void Dispose()
    {
        Value.Dispose();
        Release();
    }

    private void Release()
    {
        NativeMemory.AlignedFree(copy);
        pinned.Dispose();
    }
}
