using System.Text.Json;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Compressing;

[TestClass]
public sealed class TraceTests : IDisposable
{
    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    private CompressionRequest Traced => job.Request with { TraceFolder = job.File("out/model.trace") };

    [TestMethod]
    public void It_holds_the_graph_after_each_step_and_every_file_runs()
    {
        Compress(Traced);

        Assert.AreEqual("1-simplified.onnx 2-quantization.onnx nodes.json", Files());
        foreach (var step in Directory.GetFiles(Traced.TraceFolder!, "*.onnx"))
        {
            ModelSession.Open(step, new SessionSettings()).Dispose();
        }
    }

    [TestMethod]
    public void The_last_step_is_the_compressed_model_with_the_names_of_before()
    {
        var result = Compress(Traced);

        using var last = OnnxModel.Load(Path.Combine(Traced.TraceFolder!, "2-quantization.onnx"));
        Assert.IsTrue(last.Proto.Graph.Node.Any(node => node.Name.Length > 0));
        last.SaveWithShortNames(job.File("short.onnx"));
        CollectionAssert.AreEqual(File.ReadAllBytes(result.ModelPath), File.ReadAllBytes(job.File("short.onnx")));
    }

    [TestMethod]
    public void It_names_every_node_in_order_and_what_became_of_it()
    {
        Compress(Traced with { KeepFloat = ["Gemm_2"] });

        Assert.AreEqual(
            """
            {
              "model": "model.onnx",
              "result": "int8",
              "steps": ["1-simplified.onnx", "2-quantization.onnx"],
              "warnings": [],
              "nodes": [
                {"name":"Gemm_0","op":"Gemm","graph":"","format":"int8","reason":null},
                {"name":"Relu_1","op":"Relu","graph":"","format":"float","reason":"no operator on bytes in front of it can take its clipping over"},
                {"name":"Gemm_2","op":"Gemm","graph":"","format":"float","reason":"KeepFloat names it"}
              ]
            }

            """,
            File.ReadAllText(Path.Combine(Traced.TraceFolder!, "nodes.json")));
    }

    [TestMethod]
    public void Without_data_it_says_that_only_weights_are_stored()
    {
        Compress(Traced with { Calibration = [] });

        Assert.AreEqual("1-simplified.onnx 2-quantization.onnx nodes.json", Files());
        Assert.AreEqual("int8-weights: ; float: it has no weights, and only weights are stored as bytes; int8-weights: ", Nodes());
    }

    [TestMethod]
    public void It_changes_no_byte_of_the_result()
    {
        Compress(Traced);
        var plain = job.Request with { OutputFolder = job.File("plain"), CacheFolder = job.File("plain-cache") };
        Compress(plain);

        foreach (var file in new[] { "model.onnx", "model.ranges.json" })
        {
            CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(plain.OutputFolder, file)), File.ReadAllBytes(Path.Combine(job.Output, file)));
        }
    }

    [TestMethod]
    public void A_result_from_the_cache_is_traced_without_calibration_and_is_the_same_trace()
    {
        Compress(Traced);
        var before = Contents();
        Directory.Delete(Traced.TraceFolder!, recursive: true);
        var log = new PhaseLog();

        ModelCompressor.Compress(Traced, log, CancellationToken.None);

        Assert.AreEqual("prepare round quantize", log.Text);
        Assert.AreEqual(before, Contents());
    }

    [TestMethod]
    public void A_result_from_the_cache_is_left_alone_when_it_is_traced()
    {
        var first = Compress(job.Request);
        var report = File.ReadAllBytes(first.ReportPath);
        var entry = Directory.GetFiles(job.File("cache/models"), "*.onnx").Single();
        var bytes = File.ReadAllBytes(entry);

        Compress(Traced);

        CollectionAssert.AreEqual(report, File.ReadAllBytes(first.ReportPath));
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(entry));
    }

    [TestMethod]
    public void Another_way_of_compressing_leaves_nothing_of_an_earlier_trace()
    {
        Compress(Traced);

        Compress(Traced with { Quantize = QuantizationMode.Int8Weights });

        Assert.AreEqual("1-simplified.onnx 2-quantization.onnx nodes.json", Files());
    }

    [TestMethod]
    public void What_is_no_trace_stays_in_its_folder()
    {
        var notes = job.File("out/model.trace/notes.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(notes)!);
        File.WriteAllText(notes, "mine");

        Compress(Traced);

        Assert.AreEqual("mine", File.ReadAllText(notes));
    }

    [TestMethod]
    public void A_model_that_is_kept_as_it_is_has_a_trace_that_says_so()
    {
        using var folder = new TemporaryFolder();
        var path = ModelBuilder.Create().Input("x", 1, 4).Node("Relu", ["x"], ["y"]).Output("y", 1, 4).Save(folder);

        Compress(Traced with { ModelPath = path, Calibration = [] });

        using var trace = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Traced.TraceFolder!, "nodes.json")));
        Assert.AreEqual("float", trace.RootElement.GetProperty("result").GetString());
        Assert.StartsWith("AIM3003: ", trace.RootElement.GetProperty("warnings")[0].GetString()!);
        Assert.AreEqual("1-simplified.onnx 2-quantization.onnx nodes.json", Files());
    }

    [TestMethod]
    public void Without_quantization_there_is_no_step()
    {
        Compress(Traced with { Quantize = QuantizationMode.None });

        Assert.AreEqual("nodes.json", Files());
        Assert.AreEqual("float: Quantize is none; float: Quantize is none; float: Quantize is none", Nodes());
    }

    private string Files() => string.Join(' ', Directory.GetFiles(Traced.TraceFolder!).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    private string Contents() => string.Join(' ', Directory.GetFiles(Traced.TraceFolder!).Order(StringComparer.Ordinal).Select(file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))));

    private string Nodes()
    {
        using var trace = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Traced.TraceFolder!, "nodes.json")));
        return string.Join("; ", trace.RootElement.GetProperty("nodes").EnumerateArray().Select(node => $"{node.GetProperty("format").GetString()}: {node.GetProperty("reason").GetString()}"));
    }

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);
}
