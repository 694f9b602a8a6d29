using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>Writes the model of a compression into the cache, in the format that was asked for: what the passes made of it where that is smaller, else the original.</summary>
/// <param name="request">What was asked for.</param>
/// <param name="target">Where the model goes.</param>
/// <param name="work">A folder for files that go afterwards.</param>
/// <param name="trace">Where what became of each node is told; null where nobody asks.</param>
internal sealed class CompressedModel(CompressionRequest request, string target, WorkFolder work, CompressionTrace? trace)
{
    /// <summary>Writes what the passes made.</summary>
    /// <param name="model">The edited model.</param>
    /// <param name="result">What was done to it.</param>
    /// <param name="seconds">Seconds per phase so far.</param>
    /// <exception cref="CompressionException">AIM9002: ONNX Runtime refuses the compressed model. AIM1011: it does not save the model in its own format.</exception>
    public PassesOutcome Write(OnnxModel model, PassResult result, IReadOnlyDictionary<string, double> seconds)
    {
        var compressed = Path.Combine(work.Path, "compressed.onnx");
        model.SaveWithShortNames(compressed);
        // The original would take and give floats, which nobody expects who asked for integers only.
        // Zeros in place make no file smaller, but the resource.
        if (!request.IntegerOnly && request.Prune is null && (result.Layers.All(layer => layer.Format == "float") || new FileInfo(compressed).Length >= RequestFiles.ModelBytes(request)))
        {
            WarningReport warning = new(DiagnosticCodes.NothingCompressed, $"{Path.GetFileName(request.ModelPath)}: nothing in this model became smaller as {PassChoice.Asked(request)}, the original is used. The report says why for each layer.");
            trace?.Write("float", [warning]);
            return CopyOriginal([.. result.Layers.Select(layer => layer with { Format = "float", SqnrDb = null, BytesAfter = layer.BytesBefore, Reason = layer.Reason ?? "the compressed file was not smaller" })], [warning]);
        }

        var variant = PassChoice.Variant(request, result.Layers);
        // Before the runtime has its say: a trace helps most where it refuses.
        trace?.Write(variant, []);
        RuntimeAcceptance.Require(model, compressed, request.ModelPath);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        IReadOnlyList<WarningReport> warnings = [];
        if (request.Format == ModelFormat.Ort)
        {
            warnings = OrtConversion.Convert(compressed, target, request, work);
            if (request.IntegerOnly)
            {
                // What is judged is made of this form.
                File.Move(compressed, Path.ChangeExtension(target, ".onnx"), overwrite: true);
            }
        }
        else
        {
            File.Move(compressed, target, overwrite: true);
        }

        return new(variant, result.Layers, Sparsity.Of(model), warnings, seconds) { Regions = result.Regions, MemoryBytes = LoadedWeights.Count(model, target, request, work) };
    }

    /// <summary>Writes the original.</summary>
    /// <param name="layers">What there is to say about its layers.</param>
    /// <param name="warnings">And about the model.</param>
    public PassesOutcome CopyOriginal(IReadOnlyList<LayerReport> layers, IReadOnlyList<WarningReport> warnings)
    {
        using var model = OnnxModel.Load(request.ModelPath);
        if (request.Format == ModelFormat.Ort)
        {
            warnings = [.. warnings, .. OrtConversion.Convert(request.ModelPath, target, request, work)];
        }
        else if (RequestFiles.Model(request).Count == 1)
        {
            // Nothing changed: the same bytes, not the same model written anew.
            FileCopy.CopyWhenDifferent(request.ModelPath, target);
        }
        else
        {
            // A resource is one file: external data moves in.
            model.Save(target);
        }

        return new("float", layers, Sparsity.Of(model), warnings, new Dictionary<string, double>()) { MemoryBytes = LoadedWeights.Count(model, target, request, work) };
    }
}
