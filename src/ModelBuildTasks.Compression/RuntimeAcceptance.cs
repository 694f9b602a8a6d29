using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression;

/// <summary>Whether ONNX Runtime takes a compressed model.</summary>
internal static class RuntimeAcceptance
{
    /// <summary>Lets the runtime open a compressed model.</summary>
    /// <param name="model">The model, with the names that people know.</param>
    /// <param name="compressed">The written file, which has short ones.</param>
    /// <param name="originalPath">The model that was compressed.</param>
    /// <exception cref="CompressionException">AIM9002: the runtime refuses the file.</exception>
    public static void Require(OnnxModel model, string compressed, string originalPath)
    {
        try
        {
            Open(compressed, model.IsLarge);
        }
        catch (CompressionException exception)
        {
            throw new CompressionException(DiagnosticCodes.CompressedModelDoesNotRun, originalPath, $"ONNX Runtime refuses the compressed form of '{originalPath}' ({Refusal(model, compressed) ?? exception.Message}). This is our fault: please report it; Quantize=\"none\" or KeepFloat for the node it names lets the build pass.", exception);
        }
    }

    // The written file has no names of nodes: the runtime is asked again about a form that has.
    private static string? Refusal(OnnxModel model, string compressed)
    {
        var named = Path.ChangeExtension(compressed, ".named.onnx");
        try
        {
            model.Save(named);
            Open(named, model.IsLarge);
            return null;
        }
        catch (CompressionException exception)
        {
            return exception.Message;
        }
        finally
        {
            File.Delete(named);
        }
    }

    private static void Open(string path, bool isLarge)
    {
        if (!isLarge)
        {
            ModelSession.Open(path, new SessionSettings()).Dispose();
            return;
        }

        // Restored in the runtime's memory it would be as large as the original: the weights stay in the file, and nothing is computed.
        var referring = Path.ChangeExtension(path, ".check.onnx");
        using var model = OnnxModel.Load(path);
        model.SaveReferring(referring);
        ModelSession.Open(referring, SessionSettings.OnlyLoad with { ReportedPath = path }).Dispose();
    }
}
