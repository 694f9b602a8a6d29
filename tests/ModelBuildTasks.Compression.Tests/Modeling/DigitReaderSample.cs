using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>The files of the sample that reads digits: a real network and real digits.</summary>
internal static class DigitReaderSample
{
    public static string Model => Repository.File("samples", "DigitReader", "models", "digits.onnx");

    public static string Calibration => Repository.File("samples", "DigitReader", "data", "digits.calibration.npz");

    public static string Test => Repository.File("samples", "DigitReader", "data", "digits.test.npz");

    /// <summary>The network as int8, calibrated on its calibration digits.</summary>
    /// <param name="folder">Holds the cache, and the output in a folder of its own.</param>
    /// <param name="output">The name of that one.</param>
    public static CompressionRequest Request(TemporaryFolder folder, string output = "out") => new()
    {
        ModelPath = Model,
        Name = "digits",
        OutputFolder = folder.File(output),
        CacheFolder = folder.File("cache"),
        Quantize = QuantizationMode.Int8,
        Calibration = [Calibration],
    };
}
