using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression;

/// <summary>What the options of a request must not say together.</summary>
internal static class RequestChecks
{
    // The first of the releases that were tried with a signed and an unsigned form of each operator that IntegerOnly may write: 1.13 lacks QLinearSoftmax (docs/devices.md).
    private static readonly Version OldestForIntegers = new(1, 14);

    // Tried likewise with the operators that QOperatorWriter writes: 1.10 lacks QGemm.
    private static readonly Version OldestForOperators = new(1, 11);

    // Tried likewise: in 1.16, QuantizeLinear and DequantizeLinear take no 16 bits.
    private static readonly Version OldestFor16Bits = new(1, 17);

    // Tried alike: 1.16 has MatMulNBits without accuracy levels, 1.18 without a bias; 1.22 has no GatherBlockQuantized that takes bytes.
    private static readonly Version OldestForBlocks = new(1, 23);

    /// <exception cref="CompressionException">AIM1206: two options contradict each other. AIM1009: the ONNX Runtime that will load the result does not know the form that is asked for.</exception>
    public static void Check(CompressionRequest request)
    {
        CheckRuntime(request);
        CheckKeys(request);
        CheckOperators(request);
        if (!BlockOptions.IsPossible(request.BlockSize))
        {
            throw new CompressionException(DiagnosticCodes.MetadataValueOutOfRange, request.ModelPath, $"'{request.ModelPath}': blocks of {request.BlockSize} weights are out of range. Set BlockSize to 16, 32, 64, 128 or 256.");
        }

        if (request.Quantize == QuantizationMode.Auto && request.Calibration.Count == 0 && !request.ComputesInFloat16)
        {
            throw Contradiction(request, "Quantize=\"auto\" tries formats on samples, and there is no Calibration. Add samples to Calibration, or choose a format: Quantize=\"int8-weights\" needs none.");
        }

        CheckIntegerOnly(request);
        CheckPruning(request);
        CheckSharing(request);
    }

    private static void CheckSharing(CompressionRequest request)
    {
        if (request.Share is not { } share)
        {
            return;
        }

        if (share.Values is < 2 or > 256 || share.Channels < 1)
        {
            throw new CompressionException(DiagnosticCodes.MetadataValueOutOfRange, request.ModelPath, $"'{request.ModelPath}': Share=\"{share.Values}\"{(share.Channels is { } channels ? $" ShareChannels=\"{channels}\"" : "")} is out of range. Set Share to the number of values that weights share, from 2 to 256, and ShareChannels to 1 or more.");
        }

        if (request.Quantize == QuantizationMode.Int4Weights && !request.ComputesInFloat16)
        {
            throw Contradiction(request, $"Share=\"{share.Values}\" gives the weights of a layer a few values, and Quantize=\"int4-weights\" gives each block 16 values of its own. Remove one of both: Share=\"16\" alone takes as many bits.");
        }
    }

    private static void CheckPruning(CompressionRequest request)
    {
        if (request.Prune is not { } prune)
        {
            return;
        }

        var method = PruneMethodNames.Of(prune.Method);
        if (prune.Pattern is { } pattern && prune.Method is PruneMethod.Structured or PruneMethod.Layers)
        {
            throw Contradiction(request, $"PruneMethod=\"{method}\" takes out whole parts, and Prune=\"{pattern}\" is a pattern of zeros. Set Prune to a fraction, such as 0.5, or PruneMethod=\"auto\".");
        }

        if (prune.Method is PruneMethod.Obs or PruneMethod.Obd or PruneMethod.Layers && request.Calibration.Count == 0)
        {
            throw Contradiction(request, $"PruneMethod=\"{method}\" measures on samples what can go, and there is no Calibration. Add samples to Calibration, or set PruneMethod=\"magnitude\".");
        }
    }

    private static void CheckIntegerOnly(CompressionRequest request)
    {
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

    private static void CheckKeys(CompressionRequest request)
    {
        if (request.Metric == Metric.Ctc && request.Keys is null)
        {
            throw Contradiction(request, "Metric=\"ctc\" needs the characters that the classes stand for, and there is no Keys. Name the file of the recognizer's keys in Keys.");
        }

        if (request.Keys is not null && request.Metric is not (Metric.Ctc or Metric.Auto))
        {
            throw Contradiction(request, $"Keys are for reading text, and Metric=\"{request.Metric.ToString().ToLowerInvariant()}\" reads none. Set Metric=\"ctc\" or remove Keys.");
        }
    }

    private static void CheckOperators(CompressionRequest request)
    {
        if (request.Format != ModelFormat.QOperator || request.IntegerOnly)
        {
            return;
        }

        if (request.Quantize is not (QuantizationMode.Int8 or QuantizationMode.Auto))
        {
            throw Contradiction(request, $"Format=\"qoperator\" writes layers that compute on bytes, and Quantize is {QuantizationModeNames.Of(request.Quantize)}. Set Quantize=\"int8\" or \"auto\", or remove Format.");
        }

        if (request.Device.ComputesInFloat16)
        {
            throw Contradiction(request, $"Format=\"qoperator\" writes layers that compute on bytes, and the device profile '{request.Device.Name}' wants float16. Choose another Device or remove Format.");
        }

        if (request.Calibration.Count == 0 && request.Ranges is null)
        {
            throw Contradiction(request, "Format=\"qoperator\" writes layers that compute on bytes, which needs the ranges of their activations, and there is neither Calibration nor Ranges. Add samples to Calibration or remove Format.");
        }

        // Nothing rewrites them when the model is loaded, as it does between Q and DQ; x64 has no fast product of signed bytes with signed ones.
        if (request.Device.Activations == NumericFormat.Int8 && (request.Device.Architectures.Count == 0 || request.Device.Architectures.Any(architecture => !architecture.Equals("arm64", StringComparison.OrdinalIgnoreCase))))
        {
            throw Contradiction(
                request,
                $"the device profile '{request.Device.Name}' wants signed activations and is not for arm64 alone, and in Format=\"qoperator\" these are slow on other processors and were reported wrong. Set Activations=\"uint8\" or Architectures=\"arm64\" on the AiDeviceProfile, or remove Format.");
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
            throw TooOld(request, $"a file in ORT format is loaded by the version that saved it and later ones, and this package saves with {RuntimeSupport.OfThisPackage}", RuntimeSupport.OfThisPackage, "remove Format");
        }

        if (request.Quantize == QuantizationMode.Int4Weights && version < OldestForBlocks)
        {
            throw TooOld(request, "it lacks operators that int4-weights writes", OldestForBlocks, "set Quantize=\"int8-weights\"");
        }

        if (request.IntegerOnly && version < OldestForIntegers)
        {
            throw TooOld(request, "it lacks operators that IntegerOnly writes", OldestForIntegers, "remove IntegerOnly");
        }

        if (request.Format == ModelFormat.QOperator && version < OldestForOperators)
        {
            throw TooOld(request, "it lacks operators that Format=\"qoperator\" writes", OldestForOperators, "remove Format");
        }

        if (request.Quantize == QuantizationMode.Int16 && !request.Device.ComputesInFloat16 && version < OldestFor16Bits)
        {
            throw TooOld(request, "it has no QuantizeLinear of 16 bits", OldestFor16Bits, "set Quantize=\"int8\"");
        }
    }

    private static CompressionException TooOld(CompressionRequest request, string reason, Version needed, string instead) => new(
        DiagnosticCodes.RuntimeTooOld,
        request.ModelPath,
        $"'{Path.GetFileName(request.ModelPath)}' cannot be loaded by the ONNX Runtime {request.OnnxRuntime} that will run it: {reason}. Reference Microsoft.ML.OnnxRuntime {needed} or newer, or {instead}.");

    private static CompressionException Contradiction(CompressionRequest request, string message) => new(DiagnosticCodes.MetadataContradicts, request.ModelPath, $"'{request.ModelPath}': {message}");
}
