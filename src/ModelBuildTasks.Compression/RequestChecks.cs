using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression;

/// <summary>What the options of a request must not say together.</summary>
internal static class RequestChecks
{
    // The first of the releases that were tried with a signed and an unsigned form of each operator that IntegerOnly may write: 1.13 lacks QLinearSoftmax (docs/devices.md).
    private static readonly Version OldestForIntegers = new(1, 14);

    /// <exception cref="CompressionException">AIM1206: two options contradict each other. AIM1009: the ONNX Runtime that will load the result does not know the form that is asked for.</exception>
    public static void Check(CompressionRequest request)
    {
        CheckRuntime(request);
        if (request.Quantize == QuantizationMode.Auto && request.Calibration.Count == 0 && !request.Device.ComputesInFloat16)
        {
            throw Contradiction(request, "Quantize=\"auto\" tries formats on samples, and there is no Calibration. Add samples to Calibration, or choose a format: Quantize=\"int8-weights\" needs none.");
        }

        if (!request.IntegerOnly)
        {
            return;
        }

        if (request.Quantize != QuantizationMode.Int8)
        {
            throw Contradiction(request, "IntegerOnly computes on bytes, and Quantize is not int8. Set Quantize=\"int8\" or remove IntegerOnly.");
        }

        if (request.Device.ComputesInFloat16)
        {
            throw Contradiction(request, $"IntegerOnly computes on bytes, and the device profile '{request.Device.Name}' wants float16. Choose another Device or remove IntegerOnly.");
        }

        if (request.Calibration.Count == 0 && request.Ranges is null)
        {
            throw Contradiction(request, "IntegerOnly needs the range of every value, and there is neither Calibration nor Ranges. Add samples to Calibration or remove IntegerOnly.");
        }
    }

    private static void CheckRuntime(CompressionRequest request)
    {
        if (request.OnnxRuntime is not { } version)
        {
            return;
        }

        if (request.Format == ModelFormat.Ort && version < RuntimeSupport.OfThisPackage)
        {
            throw TooOld(request, $"a file in ORT format is loaded by the version that saved it and later ones, and this package saves with {RuntimeSupport.OfThisPackage}", RuntimeSupport.OfThisPackage);
        }

        if (request.IntegerOnly && version < OldestForIntegers)
        {
            throw TooOld(request, "it lacks operators that IntegerOnly writes", OldestForIntegers);
        }
    }

    private static CompressionException TooOld(CompressionRequest request, string reason, Version needed) => new(
        DiagnosticCodes.RuntimeTooOld,
        request.ModelPath,
        $"'{Path.GetFileName(request.ModelPath)}' cannot be loaded by the ONNX Runtime {request.OnnxRuntime} that will run it: {reason}. Reference Microsoft.ML.OnnxRuntime {needed} or newer, or remove {(request.Format == ModelFormat.Ort ? "Format" : "IntegerOnly")}.");

    private static CompressionException Contradiction(CompressionRequest request, string message) => new(DiagnosticCodes.MetadataContradicts, request.ModelPath, $"'{request.ModelPath}': {message}");
}
