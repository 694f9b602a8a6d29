using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Compressing;

[TestClass]
public sealed class OutcomeTests : IDisposable
{
    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    public void Int8_with_calibration_data_is_smaller_and_judged_on_the_held_out_half()
    {
        var report = Compress(job.Request).Report;

        Assert.AreEqual("int8", report.Variant);
        Assert.IsLessThan(report.OriginalBytes, report.CompressedBytes);
        Assert.AreEqual(20, report.Metric!.Samples);
        Assert.IsGreaterThan(25, report.SqnrDb!.Value);
        Assert.IsEmpty(report.Warnings);
    }

    [TestMethod]
    public void Int8_is_called_int8_weights_where_no_layer_could_take_bytes()
    {
        using var folder = new TemporaryFolder();
        var branch = ModelBuilder.Subgraph(graph => graph.Constant("w", RandomTensors.Weight(1, 64, 64)).Node("MatMul", ["x", "w"], ["t"], "inside").Output("t"));
        var other = ModelBuilder.Subgraph(graph => graph.Node("Neg", ["x"], ["e"]).Output("e"));
        var model = ModelBuilder.Create().Input("x", DataType.Float, "batch", 64).Constant("bound", [0.97f]).Node("ReduceMax", ["x"], ["m"], ("keepdims", 0)).Node("Less", ["m", "bound"], ["c"])
            .Node("If", ["c"], ["y"], "choice", ("then_branch", branch), ("else_branch", other)).Output("y", DataType.Float, "batch", 64).Save(folder);

        var report = Compress(job.Request with { ModelPath = model }).Report;

        Assert.AreEqual("int8-weights", report.Variant);
        Assert.AreEqual("int8-weights", report.Layers.Single().Format);
        Assert.IsGreaterThan(30, report.SqnrDb!.Value);
    }

    [TestMethod]
    public void Int8_without_data_stores_only_the_weights_and_warns_that_nothing_was_checked()
    {
        var report = Compress(job.Request with { Calibration = [] }).Report;

        Assert.AreEqual("int8-weights", report.Variant);
        Assert.IsNull(report.Metric);
        Assert.AreEqual(DiagnosticCodes.AccuracyNotChecked, report.Warnings.Single().Code);
    }

    [TestMethod]
    public void One_sample_calibrates_and_the_accuracy_is_not_checked()
    {
        var report = Compress(job.Request with { Calibration = [job.WriteData("one.npz", 1, seed: 3)] }).Report;

        Assert.AreEqual("int8", report.Variant);
        Assert.AreEqual(DiagnosticCodes.AccuracyNotChecked, report.Warnings.Single().Code);
    }

    [TestMethod]
    public void Test_data_with_another_batch_in_each_sample_calibrates_and_judges()
    {
        for (var sample = 0; sample < 6; sample++)
        {
            job.WriteTestData($"tests/test_data_set_{sample}", batch: 1 + (sample * 7 % 4), seed: 100 + sample);
        }

        var report = Compress(job.Request with { Calibration = [job.File("tests")] }).Report;

        Assert.AreEqual("int8", report.Variant);
        Assert.AreEqual(3, report.Metric!.Samples);
        Assert.IsGreaterThan(25, report.SqnrDb!.Value);
    }

    [TestMethod]
    public void None_keeps_every_byte_of_the_original()
    {
        var result = Compress(job.Request with { Quantize = QuantizationMode.None });

        CollectionAssert.AreEqual(File.ReadAllBytes(job.ModelPath), File.ReadAllBytes(result.ModelPath));
        Assert.AreEqual("float", result.Report.Variant);
        Assert.AreEqual(200, result.Report.SqnrDb);
    }

    [TestMethod]
    public void A_model_with_an_input_of_text_has_its_weights_stored_as_bytes()
    {
        using var folder = new TemporaryFolder();
        var weights = Enumerable.Range(0, 64 * 64).Select(index => (float)Math.Sin(index)).ToArray();
        var path = ModelBuilder.Create()
            .Input("words", DataType.String, "n").Node("Identity", ["words"], ["same"]).Output("same", DataType.String, "n")
            .Input("x", 1, 64).Constant("w", weights, 64, 64).Node("MatMul", ["x", "w"], ["y"]).Output("y", 1, 64)
            .Save(folder);

        var report = Compress(job.Request with { ModelPath = path, Calibration = [] }).Report;

        Assert.AreEqual("int8-weights", report.Variant);
        Assert.IsLessThan(report.OriginalBytes / 3, report.CompressedBytes);
    }

    [TestMethod]
    public void A_model_without_weights_is_used_as_it_is_with_a_warning()
    {
        using var folder = new TemporaryFolder();
        var path = ModelBuilder.Create().Input("x", 1, 4).Node("Relu", ["x"], ["y"]).Output("y", 1, 4).Save(folder);

        var result = Compress(job.Request with { ModelPath = path, Calibration = [] });

        CollectionAssert.AreEqual(File.ReadAllBytes(path), File.ReadAllBytes(result.ModelPath));
        CollectionAssert.Contains(result.Report.Warnings.Select(warning => warning.Code).ToArray(), DiagnosticCodes.NothingCompressed);
    }

    [TestMethod]
    public void Ranges_of_another_model_are_refused()
    {
        Compress(job.Request);
        using var folder = new TemporaryFolder();
        var other = ModelBuilder.Create().Input("other", 1, 4).Constant("w", new float[4096], 4, 1024).Node("MatMul", ["other", "w"], ["y"]).Output("y", 1, 1024).Save(folder);
        var ranges = Path.Combine(job.Output, "model.ranges.json");

        var exception = Assert.ThrowsExactly<CompressionException>(() => Compress(job.Request with { ModelPath = other, Calibration = [], Ranges = ranges }));

        Assert.AreEqual(DiagnosticCodes.RangesInvalid, exception.Code);
        Assert.AreEqual(ranges, exception.File);
        Assert.Contains("'other'", exception.Message);
    }

    [TestMethod]
    public void Data_is_refused_before_anything_is_compressed()
    {
        var log = new PhaseLog();
        var data = job.WriteData("bad.npz", 4, seed: 1);
        File.WriteAllText(data, "no archive");

        var exception = Assert.ThrowsExactly<CompressionException>(() => ModelCompressor.Compress(job.Request with { Validation = [data] }, log, CancellationToken.None));

        Assert.AreEqual(DiagnosticCodes.DataUnreadable, exception.Code);
        Assert.AreEqual(data, exception.File);
        Assert.AreEqual("", log.Text);
    }

    [TestMethod]
    public void Weights_that_were_only_pruned_are_floats() =>
        Assert.AreEqual("float", Compress(job.Request with { Quantize = QuantizationMode.None, Prune = new(0.5, PruneMethod.Magnitude) }).Report.Variant);

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);
}
