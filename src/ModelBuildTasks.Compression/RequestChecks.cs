using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression;

/// <summary>What the options of a request must not say together.</summary>
internal static class RequestChecks
{
    /// <exception cref="CompressionException">AIM1206: two options contradict each other.</exception>
    public static void Check(CompressionRequest request)
    {
        if (!request.IntegerOnly)
        {
            return;
        }

        if (request.Quantize != QuantizationMode.Int8)
        {
            throw Contradiction(request, "IntegerOnly computes on bytes, and Quantize is not int8. Set Quantize=\"int8\" or remove IntegerOnly.");
        }

        if (request.Device.Activations == NumericFormat.Float16 || request.Device.Weights == NumericFormat.Float16)
        {
            throw Contradiction(request, $"IntegerOnly computes on bytes, and the device profile '{request.Device.Name}' wants 16-bit floats. Choose another Device or remove IntegerOnly.");
        }

        if (request.Calibration.Count == 0 && request.Ranges is null)
        {
            throw Contradiction(request, "IntegerOnly needs the range of every value, and there is neither Calibration nor Ranges. Add samples to Calibration or remove IntegerOnly.");
        }
    }

    private static CompressionException Contradiction(CompressionRequest request, string message) => new(DiagnosticCodes.MetadataContradicts, request.ModelPath, $"'{request.ModelPath}': {message}");
}
