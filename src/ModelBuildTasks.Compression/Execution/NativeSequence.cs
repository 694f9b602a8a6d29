using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>A sequence lent to the runtime: its elements live as long as it does.</summary>
internal sealed class NativeSequence : NativeInput
{
    private readonly List<NativeInput> elements = [];

    public NativeSequence(SequenceValue sequence)
    {
        try
        {
            elements.AddRange(sequence.Elements.Select(Of));
            // The runtime empties the list it is given, so it gets one of its own.
            Value = OrtValue.CreateSequence(elements.ConvertAll(element => element.Value));
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

    private void Release() => elements.ForEach(element => element.Dispose());
}
