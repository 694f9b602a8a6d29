using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Second-order rounding as whole compressions do it.</summary>
[TestClass]
public sealed class SecondOrderJobTests : IDisposable
{
    private const string ReportVariable = "MODELBUILDTASKS_ROUNDING_REPORT";

    private readonly SmallJob job = new();
    private readonly TemporaryFolder folder = new();
    private int next;

    public required TestContext TestContext { get; init; }

    public void Dispose()
    {
        job.Dispose();
        folder.Dispose();
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8Weights)]
    [DataRow(QuantizationMode.Int4Weights)]
    public void Weights_of_the_network_for_digits_gain_three_decibels(QuantizationMode mode)
    {
        var request = DigitReaderSample.Request(folder) with { Quantize = mode, Validation = [DigitReaderSample.Test] };
        var fast = Report(request with { Effort = Effort.Fast });
        var balanced = Report(request with { Effort = Effort.Balanced });

        TestContext.WriteLine($"{mode}: fast {fast.SqnrDb:F1} dB, balanced {balanced.SqnrDb:F1} dB");
        Assert.IsGreaterThan(fast.SqnrDb!.Value + 3, balanced.SqnrDb!.Value);
        Assert.AreEqual(fast.CompressedBytes, balanced.CompressedBytes, 64);
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Int8Weights)]
    [DataRow(QuantizationMode.Int4Weights)]
    [DataRow(QuantizationMode.Int8Dynamic)]
    [DataRow(QuantizationMode.Int16)]
    public void Twice_the_same_request_gives_the_same_bytes(QuantizationMode mode)
    {
        var request = job.Request with { Quantize = mode };

        CollectionAssert.AreEqual(Bytes(request), Bytes(request));
    }

    /// <summary>Where the variable names a file, the bytes of a model are written to it: see <see cref="Another_number_of_processors_gives_the_same_bytes"/>.</summary>
    [TestMethod]
    public void Samples_decide_bytes()
    {
        var bytes = Bytes(job.Request with { Quantize = QuantizationMode.Int8Weights });
        if (Environment.GetEnvironmentVariable(ReportVariable) is { Length: > 0 } report)
        {
            File.WriteAllBytes(report, [(byte)Environment.ProcessorCount, .. bytes]);
        }

        CollectionAssert.AreNotEqual(Bytes(job.Request with { Quantize = QuantizationMode.Int8Weights, Effort = Effort.Fast }), bytes);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(5)]
    public async Task Another_number_of_processors_gives_the_same_bytes(int processors)
    {
        var report = folder.File("report");
        var (exitCode, output) = await TestProcess.RunAsync(
            $"FullyQualifiedName~{nameof(SecondOrderJobTests)}.{nameof(Samples_decide_bytes)}",
            folder.Path,
            new Dictionary<string, string> { ["DOTNET_PROCESSOR_COUNT"] = $"{processors}", [ReportVariable] = report },
            TestContext.CancellationToken);

        Assert.AreEqual(0, exitCode, output);
        CollectionAssert.AreEqual(new[] { (byte)processors }.Concat(Bytes(job.Request with { Quantize = QuantizationMode.Int8Weights })).ToArray(), await File.ReadAllBytesAsync(report, TestContext.CancellationToken));
    }

    [TestMethod]
    public void Without_samples_the_effort_decides_no_byte_and_nothing_is_rounded()
    {
        var request = job.Request with { Quantize = QuantizationMode.Int8Weights, Calibration = [] };
        var result = Run(request);

        Assert.IsFalse(result.Report.Seconds.ContainsKey("round"));
        Assert.IsTrue(result.Report.Layers.All(layer => layer.OutputSqnrDb is null));
        CollectionAssert.AreEqual(Bytes(request with { Effort = Effort.Fast }), File.ReadAllBytes(result.ModelPath));
    }

    [TestMethod]
    public void With_committed_ranges_the_effort_decides_no_byte_and_nothing_is_rounded()
    {
        var calibrated = Run(job.Request with { Effort = Effort.Fast });
        var committed = folder.File("committed.ranges.json");
        File.Copy(Path.Combine(Path.GetDirectoryName(calibrated.ModelPath)!, "model.ranges.json"), committed);
        var result = Run(job.Request with { Ranges = committed });

        Assert.IsFalse(result.Report.Seconds.ContainsKey("round"));
        Assert.IsTrue(result.Report.Layers.All(layer => layer.OutputSqnrDb is null));
        CollectionAssert.AreEqual(Bytes(job.Request with { Ranges = committed, Effort = Effort.Fast }), File.ReadAllBytes(result.ModelPath));
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Int8Weights)]
    [DataRow(QuantizationMode.Int4Weights)]
    [DataRow(QuantizationMode.Int8Dynamic)]
    [DataRow(QuantizationMode.Auto)]
    public void The_report_tells_the_output_error_of_each_layer_and_the_time(QuantizationMode mode)
    {
        var result = Run(job.Request with { Quantize = mode });
        var text = File.ReadAllText(result.ReportPath);

        Assert.IsTrue(result.Report.Seconds["round"] >= 0);
        Assert.IsTrue(result.Report.Layers.Where(layer => layer.Format != "float").All(layer => layer.OutputSqnrDb > 10), string.Join(", ", result.Report.Layers));
        Assert.Contains("\"outputSqnrDb\"", text);
        Assert.Contains("\"round\"", text);
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Int4Weights)]
    public void Each_layer_is_told_once(QuantizationMode mode)
    {
        var told = new List<CompressionProgress>();
        var result = Run(job.Request with { Quantize = mode }, new Listener(told.Add));
        var layers = told.Where(value => value is { Phase: "round", Detail: not null }).ToList();

        CollectionAssert.AreEqual(new[] { 0.5, 1 }, layers.ConvertAll(value => value.Fraction));
        foreach (var (layer, place) in result.Report.Layers.Zip(layers))
        {
            Assert.Contains($"{layer.Name}: ", place.Detail!);
        }
    }

    [TestMethod]
    public void A_layer_that_KeepFloat_names_stays_float_and_is_not_rounded()
    {
        var told = new List<CompressionProgress>();
        var name = Run(job.Request).Report.Layers[0].Name;
        var result = Run(job.Request with { KeepFloat = [name] }, new Listener(told.Add));

        Assert.AreEqual("float", result.Report.Layers[0].Format);
        Assert.IsNull(result.Report.Layers[0].OutputSqnrDb);
        Assert.IsNotNull(result.Report.Layers[1].OutputSqnrDb);
        Assert.HasCount(1, told.Where(value => value is { Phase: "round", Detail: not null }));
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Int8Weights)]
    public void A_model_with_carried_states_is_rounded(QuantizationMode mode)
    {
        var request = job.Request with { ModelPath = Cell().Save(folder, "cell.onnx"), Calibration = [folder.Write("cell.npz", Npy.Archive(("x", Npy.Array(Numbers(40 * 16, 2), 40, 16))))], Quantize = mode };
        var (fast, balanced) = (Report(request with { Effort = Effort.Fast }), Report(request));

        Assert.HasCount(1, balanced.States);
        Assert.IsTrue(balanced.Layers.All(layer => layer.OutputSqnrDb > 20), string.Join(", ", balanced.Layers));
        TestContext.WriteLine($"{mode}: fast {fast.SqnrDb:F1} dB, balanced {balanced.SqnrDb:F1} dB");
        // Few rows for many inputs, and more to be taken back on the samples than on others.
        Assert.IsGreaterThan(fast.SqnrDb!.Value, balanced.SqnrDb!.Value);
    }

    [TestMethod]
    public void A_model_whose_inputs_vary_in_length_is_rounded()
    {
        var model = ModelBuilder.Create().Input("x", DataType.Float, "batch", "length", 32).Constant("w1", Numbers(32 * 48, 1), 32, 48).Constant("w2", Numbers(48 * 32, 2), 48, 32)
            .Node("MatMul", ["x", "w1"], ["h"]).Node("Tanh", ["h"], ["t"]).Node("MatMul", ["t", "w2"], ["y"]).Output("y", DataType.Float, "batch", "length", 32).Save(folder, "sequence.onnx");
        string[] data = [.. Enumerable.Range(3, 6).Select(length => folder.Write($"s{length}.npz", Npy.Archive(("x", Npy.Array(Numbers(4 * length * 32, length), 4, length, 32)))))];
        var request = job.Request with { ModelPath = model, Calibration = data, Quantize = QuantizationMode.Int8Weights };

        Assert.IsTrue(Report(request).Layers.All(layer => layer.OutputSqnrDb > 20));
        Assert.IsGreaterThan(Report(request with { Effort = Effort.Fast }).SqnrDb!.Value - 0.5, Report(request).SqnrDb!.Value);
    }

    [TestMethod]
    public void A_value_that_two_inputs_need_and_one_of_them_only_the_output_is_observed()
    {
        var model = ModelBuilder.Create().Input("x", DataType.Float, "batch", 32).Input("z", DataType.Float, "batch", 32).Constant("w", Numbers(32 * 48, 1), 32, 48).Constant("v", Numbers(32 * 48, 2), 32, 48)
            .Node("MatMul", ["x", "w"], ["h"]).Node("MatMul", ["z", "v"], ["g"]).Node("Mul", ["h", "g"], ["y"]).Output("y", DataType.Float, "batch", 48).Save(folder, "two.onnx");
        var data = folder.Write("two.npz", Npy.Archive(("x", Npy.Array(Numbers(40 * 32, 3), 40, 32)), ("z", Npy.Array(Numbers(40 * 32, 4), 40, 32))));

        var report = Report(job.Request with { ModelPath = model, Calibration = [data], Quantize = QuantizationMode.Int8Weights, Effort = Effort.Best });

        Assert.IsTrue(report.Layers.All(layer => layer.OutputSqnrDb > 20));
    }

    private static ModelBuilder Cell() => ModelBuilder.Create().Input("x", DataType.Float, "batch", 16).Input("h", DataType.Float, "batch", 64)
        .Constant("w", Numbers(80 * 64, 1), 80, 64).Constant("v", Numbers(64 * 8, 4), 64, 8)
        .Node("Concat", ["x", "h"], ["both"], ("axis", 1)).Node("MatMul", ["both", "w"], ["sum"]).Node("Tanh", ["sum"], ["hn"]).Node("MatMul", ["hn", "v"], ["y"])
        .Output("y", DataType.Float, "batch", 8).Output("hn", DataType.Float, "batch", 64);

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) / 2)];
    }

    private byte[] Bytes(CompressionRequest request) => File.ReadAllBytes(Run(request).ModelPath);

    private CompressionReport Report(CompressionRequest request) => Run(request).Report;

    /// <summary>Each with a cache of its own.</summary>
    private CompressionResult Run(CompressionRequest request, IProgress<CompressionProgress>? progress = null)
    {
        var name = $"run{next++}";
        return ModelCompressor.Compress(request with { CacheFolder = folder.File($"{name}/cache"), OutputFolder = folder.File($"{name}/out") }, progress, CancellationToken.None);
    }

    private sealed class Listener(Action<CompressionProgress> report) : IProgress<CompressionProgress>
    {
        public void Report(CompressionProgress value) => report(value);
    }
}
