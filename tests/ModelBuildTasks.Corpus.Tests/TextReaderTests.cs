using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Corpus.Tests.Text;

namespace ModelBuildTasks.Corpus.Tests;

/// <summary>The three networks of an application that reads text from pictures (PP-OCR), compressed as a build does it: on some rendered pictures, judged on others.</summary>
[TestClass]
public sealed class TextReaderTests
{
    public TestContext TestContext { get; set; } = null!;

    /// <summary>SQNR and size that each keeps with default options: some decibels below what was measured, and eight pictures calibrate. Bytes do not pay anywhere in the classifier: its plan is all float.</summary>
    [TestMethod]
    [DataRow("ch_ppocr_mobile_v2.0_cls_infer.onnx", 48, 192, "int8-weights", 2.6, 50)]
    [DataRow("ch_PP-OCRv4_det_infer.onnx", 480, 640, "int8", 3.0, 24)]
    [DataRow("ch_PP-OCRv4_rec_infer.onnx", 48, 320, "int8", 3.3, 18)]
    public void As_int8_it_is_smaller_and_still_reads(string name, int height, int width, string variant, double ratio, double sqnrDb)
    {
        Corpus.Require();

        var report = Compress(name, height, width);

        foreach (var output in report.Outputs)
        {
            TestContext.WriteLine(FormattableString.Invariant($"{name}: {report.Ratio:F2}x smaller, '{output.Name}' {output.SqnrDb:F1} dB"));
        }

        Assert.AreEqual(variant, report.Variant);
        Assert.IsGreaterThanOrEqualTo(ratio, report.Ratio);
        Assert.IsGreaterThanOrEqualTo(sqnrDb, report.Outputs.Min(output => output.SqnrDb));
    }

    private static CompressionReport Compress(string name, int height, int width)
    {
        var folder = Directory.CreateTempSubdirectory("corpus-").FullName;
        try
        {
            string Pictures(string file, int firstSeed)
            {
                var path = Path.Combine(folder, file);
                RenderedTextFile.Write(path, firstSeed, count: 8, height, width);
                return path;
            }

            return ModelCompressor.Compress(
                new CompressionRequest
                {
                    ModelPath = Corpus.Find(name),
                    Name = "text",
                    OutputFolder = Path.Combine(folder, "output"),
                    CacheFolder = Path.Combine(folder, "cache"),
                    Quantize = QuantizationMode.Int8,
                    Calibration = [Pictures("calibration.npy", 1)],
                    Validation = [Pictures("validation.npy", 1000)],
                },
                null,
                CancellationToken.None).Report;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
