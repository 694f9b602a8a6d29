using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>A value lent to the runtime.</summary>
internal abstract class NativeInput : IDisposable
{
    /// <summary>The runtime's handle of it.</summary>
    public abstract OrtValue Value { get; }

    public static NativeInput Of(ModelValue value) => value switch
    {
        TensorValue tensor => new NativeTensor(tensor),
        TextValue text => new NativeText(text),
        SequenceValue sequence => new NativeSequence(sequence),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "not a value of a model"),
    };

    public abstract void Dispose();
}
