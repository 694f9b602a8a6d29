using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>Strings copied to the runtime, which keeps them in its own memory.</summary>
internal sealed class NativeText : NativeInput
{
    public NativeText(TextValue text)
    {
        Value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, text.Shape);
        for (var index = 0; index < text.Elements.Count; index++)
        {
            Value.StringTensorSetElementAt(text.Elements[index].Span, index);
        }
    }

    public override OrtValue Value { get; }

    public override void Dispose() => Value.Dispose();
}
