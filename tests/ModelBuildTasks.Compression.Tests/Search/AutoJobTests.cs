using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Compressing;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Search;

/// <summary>A search where it meets other options and models that have little or nothing to search for.</summary>
[TestClass]
public sealed class AutoJobTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SmallJob job = new();

    private CompressionRequest Request => job.Request with { Quantize = QuantizationMode.Auto };

    public void Dispose()
    {
        job.Dispose();
        folder.Dispose();
    }

    [TestMethod]
    public void What_is_found_is_written_as_integer_operators_where_these_are_asked_for()
    {
        var between = Compress(Request with { MinSqnr = 20 });
        var written = Compress(Request with { MinSqnr = 20, Format = ModelFormat.QOperator });

        Assert.AreEqual("int8", written.Report.Variant);
        Assert.AreEqual(between.Report.SqnrDb, written.Report.SqnrDb);
        CollectionAssert.AreEqual(between.Report.Search!.Layers.ToArray(), written.Report.Search!.Layers.ToArray());
        var operators = Operators(written.ModelPath);
        Assert.Contains("QGemm", operators);
        Assert.DoesNotContain("Gemm", operators);
    }

    [TestMethod]
    public void A_device_of_floats_gets_float16_without_a_search()
    {
        var report = Compress(Request with { Device = DeviceProfiles.Gpu, MinSqnr = 20 }).Report;

        Assert.AreEqual("float16", report.Variant);
        Assert.IsNull(report.Search);
    }

    [TestMethod]
    public void Without_samples_too_a_device_of_floats_gets_float16() =>
        Assert.AreEqual("float16", Compress(Request with { Device = DeviceProfiles.Gpu, Calibration = [] }).Report.Variant);

    [TestMethod]
    public void Variants_of_bytes_and_of_floats_are_made_together()
    {
        var results = ModelCompressor.Compress([Request with { OutputName = "cpu" }, Request with { OutputName = "gpu", Device = DeviceProfiles.Gpu }], null, CancellationToken.None);

        Assert.AreEqual("int8 float16", string.Join(' ', results.Select(result => result.Report.Variant)));
        Assert.IsTrue(results[0].Report.Search!.Met);
        Assert.IsNull(results[1].Report.Search);
    }

    [TestMethod]
    public void Layers_of_subgraphs_alone_leave_nothing_to_search_for()
    {
        var branch = ModelBuilder.Subgraph(graph => graph.Constant("w", RandomTensors.Weight(1, 64, 64)).Node("MatMul", ["x", "w"], ["t"], "inside").Output("t"));
        var other = ModelBuilder.Subgraph(graph => graph.Node("Neg", ["x"], ["e"]).Output("e"));
        var model = ModelBuilder.Create().Input("x", DataType.Float, "batch", 64).Output("y").Constant("threshold", [1000f])
            .Node("ReduceMax", ["x"], ["m"], ("keepdims", 0)).Node("Less", ["m", "threshold"], ["d"]).Node("If", ["d"], ["y"], ("then_branch", branch), ("else_branch", other)).Save(folder);

        var report = Compress(Request with { ModelPath = model }).Report;

        Assert.AreEqual("int8-weights", report.Variant);
        Assert.AreEqual(1, report.Search!.Trials);
        Assert.IsEmpty(report.Search.Layers);
        Assert.IsTrue(report.Search.Met);
        Assert.IsFalse(Compress(Request with { ModelPath = model, MinSqnr = 90 }).Report.Search!.Met);
    }

    [TestMethod]
    public void A_model_without_layers_stays_as_it_is()
    {
        var model = ModelBuilder.Create().Input("x", DataType.Float, "batch", 64).Output("y").Node("Relu", ["x"], ["r"]).Node("Softmax", ["r"], ["y"], ("axis", -1)).Save(folder);

        var result = Compress(Request with { ModelPath = model, MinSqnr = 40 });

        Assert.AreEqual("float", result.Report.Variant);
        Assert.IsTrue(result.Report.Search is null or { Met: true });
        CollectionAssert.AreEqual(File.ReadAllBytes(model), File.ReadAllBytes(result.ModelPath));
    }

    [TestMethod]
    public void Layers_that_are_all_kept_float_stay_as_they_are()
    {
        var result = Compress(Request with { KeepFloat = ["*"], MinSqnr = 40 });

        Assert.AreEqual("float", result.Report.Variant);
        CollectionAssert.AreEqual(File.ReadAllBytes(job.ModelPath), File.ReadAllBytes(result.ModelPath));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Few_samples_are_enough(int samples)
    {
        var report = Compress(Request with { Calibration = [job.WriteData("few.npz", samples, seed: 5)] }).Report;

        Assert.AreEqual("int8", report.Variant);
        Assert.AreEqual((samples + 1) / 2, report.Search!.Samples);
    }

    [TestMethod]
    public void States_are_carried_through_the_search_in_the_order_of_the_samples()
    {
        const int Features = 16;
        const int Hidden = 64;
        var model = ModelBuilder.Create().Input("x", DataType.Float, "batch", Features).Input("h", DataType.Float, "batch", Hidden)
            // So small that an error fades from sample to sample.
            .Constant("w", RandomTensors.Singles(new Random(1), (Features + Hidden) * Hidden, 0.05), Features + Hidden, Hidden).Constant("v", RandomTensors.Singles(new Random(2), Hidden * 8, 0.2), Hidden, 8)
            .Node("Concat", ["x", "h"], ["both"], ("axis", 1)).Node("MatMul", ["both", "w"], ["sum"]).Node("Tanh", ["sum"], ["hn"]).Node("MatMul", ["hn", "v"], ["y"])
            .Output("y", DataType.Float, "batch", 8).Output("hn", DataType.Float, "batch", Hidden).Save(folder);
        var data = folder.Write("data.npz", Npy.Archive(("x", Npy.Array(RandomTensors.Singles(new Random(3), 60 * Features), 60, Features))));
        var request = Request with { ModelPath = model, Calibration = [data], MinSqnr = 20 };

        var result = Compress(request);

        CollectionAssert.AreEqual(new[] { new StateReport("h", "hn") }, result.Report.States.ToArray());
        Assert.IsTrue(result.Report.Search!.Met);
        Assert.IsGreaterThan(18, result.Report.SqnrDb!.Value);
        CollectionAssert.AreEqual(File.ReadAllBytes(result.ModelPath), File.ReadAllBytes(Compress(request with { CacheFolder = folder.File("other") }).ModelPath));
    }

    [TestMethod]
    public void Samples_of_a_model_with_states_are_the_first_ones_and_others_are_spread()
    {
        int[] indices = [.. Enumerable.Range(0, 10)];

        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3, 4 }, SampleSpread.Of(indices, 5, true).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 2, 4, 6, 8 }, SampleSpread.Of(indices, 5, false).ToArray());
    }

    [TestMethod]
    public void What_is_found_is_written_in_ORT_format()
    {
        var expected = Compress(Request with { MinSqnr = 20 }).Report;
        var result = Compress(Request with { MinSqnr = 20, Format = ModelFormat.Ort });

        Assert.EndsWith(".ort", result.ModelPath);
        Assert.AreEqual(expected.Variant, result.Report.Variant);
        Assert.AreEqual(expected.SqnrDb!.Value, result.Report.SqnrDb!.Value, 0.1);
        Assert.AreEqual(expected.Search!.Trials, result.Report.Search!.Trials);
    }

    [TestMethod]
    public void A_committed_ranges_file_finds_the_same_bytes()
    {
        var calibrated = File.ReadAllBytes(Compress(Request with { MinSqnr = 20, Effort = Effort.Fast }).ModelPath);
        var committed = job.File("committed.ranges.json");
        File.Copy(Path.Combine(job.Output, "model.ranges.json"), committed);

        CollectionAssert.AreEqual(calibrated, File.ReadAllBytes(Compress(Request with { MinSqnr = 20, Ranges = committed }).ModelPath));
    }

    private static string[] Operators(string path) => [.. ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Node.Select(node => node.OpType)];

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);
}
