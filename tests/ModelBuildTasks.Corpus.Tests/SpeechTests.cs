using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Corpus.Tests.Models;

namespace ModelBuildTasks.Corpus.Tests;

/// <summary>A network that hears where somebody speaks (Silero VAD): every layer is in a subgraph, one for each sample rate, and its state is carried from window to window.</summary>
[TestClass]
public sealed class SpeechTests
{
    private const string ModelName = "silero_vad_legacy.onnx";
    private const float Speech = 0.5f;
    private static string folder = "";
    private static string compressed = "";

    public TestContext TestContext { get; set; } = null!;

    [ClassInitialize]
    public static void Compress(TestContext context)
    {
        if (!Corpus.IsComplete)
        {
            return;
        }

        folder = Directory.CreateTempSubdirectory("corpus-").FullName;
        var request = new CompressionRequest
        {
            ModelPath = Corpus.Find(ModelName),
            Name = "speech",
            OutputFolder = Path.Combine(folder, "output"),
            CacheFolder = Path.Combine(folder, "cache"),
            Quantize = QuantizationMode.Int8,
        };
        compressed = ModelCompressor.Compress(request, null, CancellationToken.None).ModelPath;
    }

    [ClassCleanup]
    public static void Delete()
    {
        if (folder.Length > 0)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void As_int8_it_is_three_times_smaller()
    {
        Corpus.Require();

        var ratio = (double)new FileInfo(Corpus.Find(ModelName)).Length / new FileInfo(compressed).Length;
        TestContext.WriteLine(FormattableString.Invariant($"{ModelName}: {ratio:F2}x smaller"));
        Assert.IsGreaterThanOrEqualTo(3, ratio);
    }

    /// <summary>Both branches of the network, each with its own state over the whole recording.</summary>
    [TestMethod]
    [DataRow(16000)]
    [DataRow(8000)]
    public void As_int8_it_hears_speech_in_the_same_windows(int sampleRate)
    {
        Corpus.Require();
        var windows = Recording.Read(Path.Combine(Corpus.Folder, "speech.wav")).Windows(sampleRate);
        Assert.IsGreaterThanOrEqualTo(100, windows.Count);
        using var original = new VoiceDetector(Corpus.Find(ModelName), sampleRate);
        using var quantized = new VoiceDetector(compressed, sampleRate);

        var heard = windows.Select(window => (Original: original.Hear(window) >= Speech, Quantized: quantized.Hear(window) >= Speech)).ToArray();

        // Else there is nothing to tell apart.
        Assert.IsGreaterThanOrEqualTo(windows.Count / 4, heard.Count(each => each.Original));
        Assert.IsGreaterThanOrEqualTo(windows.Count / 10, heard.Count(each => !each.Original));
        var equal = heard.Count(each => each.Original == each.Quantized);
        TestContext.WriteLine($"{sampleRate} Hz: {equal} of {heard.Length} windows decided alike, speech in {heard.Count(each => each.Original)}");
        Assert.IsGreaterThanOrEqualTo(0.99, (double)equal / heard.Length);
    }
}
