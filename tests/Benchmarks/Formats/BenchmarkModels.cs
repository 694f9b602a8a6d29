using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Corpus.Tests.Models;
using ModelBuildTasks.Corpus.Tests.Text;

namespace Benchmarks.Formats;

/// <summary>The models of the table: networks that read digits, which are in the repository, and four that others made, which build/fetch-corpus.sh fetches.</summary>
internal static class BenchmarkModels
{
    private const int SampleRate = 16_000;

    /// <summary>Seeds of rendered text that judges start here: other seeds are other text.</summary>
    private const int FirstJudgingSeed = 100_000;

    private static readonly Dictionary<string, Func<string, string, BenchmarkModel>> Models = new()
    {
        ["digits"] = (name, _) => Digits(name, Repository.File("samples", "DigitReader", "models", "digits.onnx")),
        ["vit"] = (name, _) => Digits(name, Network(name)),
        ["mobilenetv3"] = (name, _) => Digits(name, Network(name)),
        ["lstm"] = (name, _) => Digits(name, Network(name)),
        ["lenet-300-100"] = (name, _) => Digits(name, Network(name)),
        ["lenet-5"] = (name, _) => Digits(name, Network(name)),
        ["ocr-direction"] = (name, folder) => Text(name, folder, "ch_ppocr_mobile_v2.0_cls_infer.onnx", 64, 400, 48, 192),
        ["ocr-detector"] = (name, folder) => Text(name, folder, "ch_PP-OCRv4_det_infer.onnx", 8, 8, 480, 640),
        ["ocr-recognizer"] = Lines,
        ["silero-vad"] = Speech,
    };

    /// <summary>The models of the table of formats.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Models.Keys.Except(PrunedNames)];

    /// <summary>Those that papers on pruning measure.</summary>
    public static IReadOnlyList<string> PrunedNames => ["lenet-300-100", "lenet-5"];

    /// <summary>Whether there is a model of this name.</summary>
    public static bool Has(string name) => Models.ContainsKey(name);

    /// <summary>A model, its data made in a folder where they are not files already.</summary>
    /// <exception cref="FileNotFoundException">A model of the corpus is not there.</exception>
    public static BenchmarkModel Prepare(string name, string folder) => Models[name](name, folder);

    /// <summary>What auto must keep of the outputs of models whose samples have no labels, in dB; null where the metric alone counts.</summary>
    public static double? MinSqnr(string name, OptimizationGoal goal) => (name, goal) switch
    {
        ("ocr-detector", _) => 15,
        ("ocr-recognizer", OptimizationGoal.Latency) => 18,
        ("ocr-recognizer", OptimizationGoal.Size) => 24,
        _ => null,
    };

    /// <summary>The drop of the metric that auto may take: a tenth of a point; of the recognizer's characters, which 400 lines cannot tell as finely, 0.4 points.</summary>
    public static double MaxAccuracyDrop(string name) => name == "ocr-recognizer" ? 0.004 : 0.001;

    private static string Network(string name) => Repository.File("tests", "Benchmarks", "Networks", $"{name}.onnx");

    private static BenchmarkModel Digits(string name, string path) => new(
        name, path, Repository.File("samples", "DigitReader", "data", "digits.calibration.npz"), Repository.File("samples", "DigitReader", "data", "digits.test.npz"));

    private static BenchmarkModel Text(string name, string folder, string file, int calibrating, int judging, int height, int width)
    {
        var model = new BenchmarkModel(name, FromCorpus(file), Path.Combine(folder, "calibration.npy"), Path.Combine(folder, "validation.npy"));
        RenderedTextFile.Write(model.Calibration, 0, calibrating, height, width);
        RenderedTextFile.Write(model.Validation, FirstJudgingSeed, judging, height, width);
        return model;
    }

    /// <summary>The text recognizer, judged by the characters it reads.</summary>
    private static BenchmarkModel Lines(string name, string folder)
    {
        var model = new BenchmarkModel(name, FromCorpus("ch_PP-OCRv4_rec_infer.onnx"), Path.Combine(folder, "calibration.npz"), Path.Combine(folder, "validation.npz")) { Keys = FromCorpus("ppocr_keys_v1.txt") };
        LabelledLineFile.Write(model.Calibration, 1, 64);
        LabelledLineFile.Write(model.Validation, FirstJudgingSeed, 400);
        return model;
    }

    private static BenchmarkModel Speech(string name, string folder)
    {
        var model = new BenchmarkModel(name, FromCorpus("silero_vad_legacy.onnx"), Path.Combine(folder, "calibration.npz"), Path.Combine(folder, "validation.npz"));
        var windows = Recording.Read(FromCorpus("speech.wav")).Windows(SampleRate);
        Write(model.Calibration, [.. windows.Take(windows.Count / 2)]);
        Write(model.Validation, [.. windows.Skip(windows.Count / 2)]);
        return model;
    }

    // The states of the network are given by no file: they are carried from window to window.
    private static void Write(string path, float[][] windows) => File.WriteAllBytes(
        path, Npy.Archive(("input", Npy.Array(windows.SelectMany(window => window).ToArray(), windows.Length, windows[0].Length)), ("sr", Npy.Array([(long)SampleRate]))));

    private static string FromCorpus(string file)
    {
        var corpus = Repository.File("obj", "corpus");
        return Directory.Exists(corpus) && Directory.EnumerateFiles(corpus, file, SearchOption.AllDirectories).FirstOrDefault() is { } found
            ? found
            : throw new FileNotFoundException($"'{file}' is not in obj/corpus: run build/fetch-corpus.sh.");
    }
}
