using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>
/// Saves a compressed model in ONNX Runtime's own format, optimized at the extended level: basic loses the integer fusions, and the level above arranges weights for the processor of the build host. The runtime does not
/// optimize such a file when it loads it, so that nothing folds weights any more: what restores them is folded here where that costs little room, and else runs on every run.
/// </summary>
internal static class OrtConversion
{
    /// <summary>How much larger the file may become for folded weights: they are as fast as float weights, and bytes are what was asked for.</summary>
    private const double LargestGrowth = 1.1;

    /// <exception cref="CompressionException">AIM1011: this request has no form in ORT format.</exception>
    public static void RequirePossible(CompressionRequest request)
    {
        if (request.Format != ModelFormat.Ort)
        {
            return;
        }

        if (request.ComputesInFloat16)
        {
            var (asks, remedy) = request.Quantize == QuantizationMode.Float16 ? ("Quantize=\"fp16\" computes", "remove Format, or choose another Quantize") : ($"the device '{request.Device.Name}' computes", "remove Format, or choose the device of a CPU");
            throw Impossible(request, $"{asks} in float16, and ONNX Runtime saves such a model with the conversions to float that the build host's processor needs, for good. GPU and NPU providers take the .onnx file: {remedy}", null);
        }

        if (RequestFiles.ModelBytes(request) > int.MaxValue)
        {
            throw Impossible(request, "it is beyond 2 GiB, and ONNX Runtime would have to hold it in memory several times to write a file that must stay below. Remove Format: an .onnx file is written without that", null);
        }
    }

    /// <summary>Writes the .ort file of a model.</summary>
    /// <param name="source">An .onnx file that the runtime takes.</param>
    /// <param name="target">Where the .ort file goes, whole or not at all.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="work">A folder for files that go afterwards.</param>
    /// <returns>What there is to say about it.</returns>
    /// <exception cref="CompressionException">AIM1011: the runtime cannot save the model in its format.</exception>
    public static IReadOnlyList<WarningReport> Convert(string source, string target, CompressionRequest request, WorkFolder work)
    {
        var onnx = Path.Combine(work.Path, "gathered.onnx");
        using (var model = OnnxModel.Load(source, request.ModelPath, work.Path))
        {
            GatheredBytes.Apply(model);
            FoldedOperands.Apply(model);
            model.Save(onnx);
        }

        try
        {
            var folded = Save(onnx, request, work, foldsConstants: true);
            var compact = Save(onnx, request, work, foldsConstants: false);
            var keepsBytes = folded.Length > compact.Length * LargestGrowth;
            AtomicFile.Write(target, stream => stream.Write(keepsBytes ? compact : folded));
            return keepsBytes
                ? [new(DiagnosticCodes.WeightsRestoredOnEveryRun, $"{Path.GetFileName(request.ModelPath)}: in ORT format, the weights of layers with float activations are restored from bytes on every run, since folded the file would have {folded.Length} bytes instead of {compact.Length}. Add Calibration to let more layers compute on bytes, or remove Format: an .onnx file is folded when it is loaded.")]
                : [];
        }
        catch (Exception exception) when (exception is CompressionException or InvalidDataException)
        {
            var reason = exception.InnerException is OnnxRuntimeException refused ? RuntimeMessage.Clean(refused.Message, onnx) : exception.Message.TrimEnd('.');
            throw Impossible(request, $"ONNX Runtime does not save it ({reason}). Remove Format: the .onnx file runs", exception);
        }
    }

    private static byte[] Save(string onnx, CompressionRequest request, WorkFolder work, bool foldsConstants)
    {
        var saved = Path.Combine(work.Path, foldsConstants ? "folded.ort" : "compact.ort");
        ModelSession.Open(onnx, new SessionSettings
        {
            Optimization = SessionOptimization.Extended,
            OptimizedModelPath = saved,
            SavesOrtFormat = true,
            SignedActivations = request.Device.Activations == NumericFormat.Int8,
            ConstantFolding = foldsConstants,
            ReportedPath = request.ModelPath,
        }).Dispose();
        var bytes = OrtFile.InOneOrder(File.ReadAllBytes(saved));
        File.Delete(saved);
        return bytes;
    }

    private static CompressionException Impossible(CompressionRequest request, string reason, Exception? cause) =>
        new(DiagnosticCodes.NoOrtFormat, request.ModelPath, $"'{request.ModelPath}' cannot be written with Format=\"ort\": {reason}.", cause);
}
