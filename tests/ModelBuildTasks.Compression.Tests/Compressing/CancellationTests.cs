using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>A compression that is cancelled while it tells of a phase: every phase that it went through in a whole run is tried, at its beginning, in its middle and at its end.</summary>
[TestClass]
public sealed class CancellationTests : IDisposable
{
    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    [DataRow(QuantizationMode.None, "evaluate")]
    [DataRow(QuantizationMode.Int8, "prepare calibrate round quantize evaluate")]
    [DataRow(QuantizationMode.Int4Weights, "prepare calibrate round quantize evaluate")]
    [DataRow(QuantizationMode.Auto, "prepare calibrate search round quantize evaluate")]
    public void It_publishes_nothing_and_every_entry_of_the_cache_is_whole(QuantizationMode mode, string atLeast)
    {
        var reports = new List<string>();
        var whole = Run(mode, "whole", report: value => reports.Add(value.Phase));
        CollectionAssert.IsSubsetOf(atLeast.Split(' '), reports);

        foreach (var moment in Moments(reports))
        {
            var name = $"{reports[moment]}-{moment}";
            using var cancellation = new CancellationTokenSource();
            var told = 0;

            Assert.ThrowsExactly<OperationCanceledException>(() => Run(mode, name, _ => CancelAt(moment, told++, cancellation), cancellation.Token), name);

            Assert.IsFalse(Directory.Exists(job.File($"{name}/out")), name);
            Assert.IsEmpty(WorkFolders(name), name);
            AssertWhole(name);
            CollectionAssert.AreEqual(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(Run(mode, name).ModelPath), name);
        }
    }

    // A phase may be told of more than once in a run.
    private static IEnumerable<int> Moments(List<string> reports) => reports.Distinct().SelectMany(phase =>
    {
        var moments = Enumerable.Range(0, reports.Count).Where(moment => reports[moment] == phase).ToArray();
        return new[] { moments[0], moments[moments.Length / 2], moments[^1] }.Distinct();
    });

    private static void CancelAt(int moment, int told, CancellationTokenSource cancellation)
    {
        if (told == moment)
        {
            cancellation.Cancel();
        }
    }

    private CompressionResult Run(QuantizationMode mode, string name, Action<CompressionProgress>? report = null, CancellationToken cancellationToken = default)
    {
        var request = job.Request with { Quantize = mode, OutputFolder = job.File($"{name}/out"), CacheFolder = job.File($"{name}/cache") };
        return ModelCompressor.Compress(request, report is null ? null : new Listener(report), cancellationToken);
    }

    private string[] WorkFolders(string name) => Directory.Exists(job.File($"{name}/cache/work")) ? Directory.GetFileSystemEntries(job.File($"{name}/cache/work")) : [];

    // Keys are of contents: an entry of a run that was cancelled is called as in a whole run. What is told beside a model holds times, so that it is read and not compared.
    private void AssertWhole(string name)
    {
        foreach (var entry in Entries(job.File($"{name}/cache")))
        {
            var path = job.File($"{name}/cache/{entry}");
            var folder = Path.GetDirectoryName(entry);
            Assert.IsTrue(
                folder == "reports" ? ReportFile.TryRead(path, out _)
                : folder == "models" && Path.GetExtension(entry) == ".json" ? PassesFile.TryRead(path) is not null && ResultCache.Holds(Path.ChangeExtension(path, ".onnx"))
                : File.Exists(job.File($"whole/cache/{entry}")) && File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(job.File($"whole/cache/{entry}"))),
                $"{name}: {entry}");
        }
    }

    private static IEnumerable<string> Entries(string cache) => new[] { "ranges", "models", "reports" }.Select(kind => Path.Combine(cache, kind)).Where(Directory.Exists)
        .SelectMany(Directory.EnumerateFiles).Select(path => Path.GetRelativePath(cache, path));

    private sealed class Listener(Action<CompressionProgress> report) : IProgress<CompressionProgress>
    {
        public void Report(CompressionProgress value) => report(value);
    }
}
