using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Corpus.Tests.Text;

namespace ModelBuildTasks.Corpus.Tests;

/// <summary>The recognizer of PP-OCR on lines whose text is known.</summary>
[TestClass]
public sealed class LabelledLineTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void A_seed_is_one_line_and_seeds_share_none()
    {
        Corpus.Require();

        CollectionAssert.AreEqual(LabelledLines.Render(7).Pixels, LabelledLines.Render(7).Pixels);
        Assert.AreEqual(LabelledLines.Render(7).Text, LabelledLines.Render(7).Text);
        var calibration = LabelledLines.Render(1, 64).Select(line => line.Text).ToHashSet();
        Assert.IsFalse(LabelledLines.Render(100_000, 64).Any(line => calibration.Contains(line.Text)));
    }

    [TestMethod]
    public void Pictures_are_what_the_recognizer_takes_and_texts_what_it_knows()
    {
        Corpus.Require();
        var keys = File.ReadAllLines(Corpus.Find("ppocr_keys_v1.txt")).Append(" ").ToHashSet();

        foreach (var line in LabelledLines.Render(1, 100))
        {
            Assert.HasCount(3 * 48 * 320, line.Pixels);
            Assert.IsTrue(line.Pixels.All(value => value is >= -1 and <= 1));
            Assert.IsTrue(line.Text.Trim().Length == line.Text.Length && line.Text.Length > 0 && line.Text.All(character => keys.Contains($"{character}")), line.Text);
        }
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8, 0.03)]
    [DataRow(QuantizationMode.Int8Weights, 0.03)]
    public void The_recognizer_reads_most_of_them_and_nearly_as_many_when_it_is_compressed(QuantizationMode mode, double greatestDrop)
    {
        Corpus.Require();

        var report = Compress(mode);

        TestContext.WriteLine(SummaryLine.Of(report));
        Assert.AreEqual("ctc", report.Metric!.Name);
        Assert.AreEqual(100, report.Metric.Samples);
        Assert.IsGreaterThanOrEqualTo(0.95, report.Metric.Original);
        Assert.IsGreaterThanOrEqualTo(0.75, report.Lines!.Original);
        Assert.IsTrue(report.Lines.Labelled);
        Assert.IsLessThanOrEqualTo(greatestDrop, report.Metric.Drop);
    }

    private static CompressionReport Compress(QuantizationMode mode)
    {
        var folder = Directory.CreateTempSubdirectory("corpus-").FullName;
        try
        {
            string Lines(string file, int firstSeed, int count)
            {
                var path = Path.Combine(folder, file);
                LabelledLineFile.Write(path, firstSeed, count);
                return path;
            }

            return ModelCompressor.Compress(
                new CompressionRequest
                {
                    ModelPath = Corpus.Find("ch_PP-OCRv4_rec_infer.onnx"),
                    Name = "lines",
                    OutputFolder = Path.Combine(folder, "output"),
                    CacheFolder = Path.Combine(folder, "cache"),
                    Quantize = mode,
                    Calibration = [Lines("calibration.npz", 1, 16)],
                    Validation = [Lines("validation.npz", 100_000, 100)],
                    Metric = Metric.Ctc,
                    Keys = Corpus.Find("ppocr_keys_v1.txt"),
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
