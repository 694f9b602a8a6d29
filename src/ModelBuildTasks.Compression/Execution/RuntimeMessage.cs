using System.Text.RegularExpressions;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>Turns ONNX Runtime's error texts into one line for a user.</summary>
internal static partial class RuntimeMessage
{
    /// <summary>The reason on one line: no error-code prefix, no places in the runtime's own sources, and the model's file name instead of its path.</summary>
    public static string Clean(string message, string modelPath)
    {
        var text = ErrorCode().Replace(message, "");
        if (text.StartsWith("Unregistered TensorElementType", StringComparison.Ordinal))
        {
            // Thrown by the managed API when it opens the model, whatever the native library could do with it.
            return "an input or output has an element type that ONNX Runtime's .NET API does not have, as the eight-bit floats and the four-bit integers";
        }

        text = text.Replace(modelPath, Path.GetFileName(modelPath), StringComparison.Ordinal);
        text = LoadPrefix().Replace(text, "");
        text = SourcePlace().Replace(text, " ");
        text = WhiteSpace().Replace(text, " ");
        return text.Trim().TrimEnd('.');
    }

    [GeneratedRegex(@"^\s*\[ErrorCode:\w+\]\s*")]
    private static partial Regex ErrorCode();

    [GeneratedRegex(@"^Load model from .* failed:\s*", RegexOptions.Singleline)]
    private static partial Regex LoadPrefix();

    // "/onnxruntime_src/onnxruntime/core/graph/model.cc:181 onnxruntime::Model::Model(ModelProto&&, …) " up to the condition or the text that follows the signature.
    [GeneratedRegex(@"\s*\S*onnxruntime\S*\.(cc|cpp|h|hpp):\d+\s+[^\n]*?\)(\s*const)?(\s*\[with [^\]]*\])?\s", RegexOptions.CultureInvariant)]
    private static partial Regex SourcePlace();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
