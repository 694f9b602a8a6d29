using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Ranges of a model whose layers were equalized fit that model only.</summary>
[TestClass]
public sealed class EqualizedRangesJobTests : IDisposable
{
    private const int Size = 64;

    /// <summary>Of every second channel the first layer gives numbers this much larger, beyond what float16 holds.</summary>
    private const float Factor = 1 << 17;

    private readonly TemporaryFolder folder = new();

    private string RangesPath => folder.File("out/uneven.ranges.json");

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Int8Weights)]
    [DataRow(QuantizationMode.Auto)]
    public void The_file_names_the_pairs_and_gives_the_same_bytes(QuantizationMode mode)
    {
        var calibrated = Bytes(Request() with { Quantize = mode, Effort = Effort.Fast });

        Assert.AreEqual("first → second", Equalized(RangesPath));
        CollectionAssert.AreEqual(calibrated, Bytes(Committed() with { Quantize = mode }));
    }

    [TestMethod]
    public void A_file_that_names_others_is_refused_with_their_names()
    {
        Bytes(Request());
        Assert.Contains("'first' and 'second', now only", Refused(Committed("\"first\": \"second\"", "")).Message);
        Assert.Contains("'first' and 'another', then only", Refused(Committed("\"second\"", "\"another\"")).Message);
        Assert.Contains("Remove Ranges", Refused(Committed("\"first\":", "\"zeroth\":")).Message);
    }

    [TestMethod]
    public void A_file_that_names_layers_of_a_model_that_needs_none_is_refused()
    {
        Bytes(Request());
        Assert.Contains("then only", Refused(Committed() with { ModelPath = Model(1, "even.onnx") }).Message);
    }

    [TestMethod]
    public void A_file_from_before_there_was_equalization_still_serves()
    {
        Bytes(Request());
        var ranges = ActivationRanges.Load(RangesPath);
        new ActivationRanges(ranges.Ranges, ranges.Method).Save(folder.File("old.json"));

        Bytes(Request() with { Ranges = folder.File("old.json") });
    }

    [TestMethod]
    public void In_float16_the_layers_are_equalized_as_in_the_committed_file_whose_ranges_hide_an_overflow_else()
    {
        Bytes(Request());

        var report = ModelCompressor.Compress(Committed() with { Device = DeviceProfiles.Gpu }, null, CancellationToken.None).Report;

        Assert.AreEqual("float16", report.Variant);
        Assert.IsGreaterThan(50, report.SqnrDb ?? 0);
    }

    private CompressionRequest Request() => new()
    {
        ModelPath = Model(Factor, "uneven.onnx"),
        Name = "uneven",
        OutputFolder = folder.File("out"),
        CacheFolder = folder.File("cache"),
        Quantize = QuantizationMode.Int8,
        Calibration = [folder.Write("data.npz", Npy.Archive(("x", Npy.Array(RandomTensors.Singles(new Random(3), 40 * Size), 40, Size))))],
        Device = DeviceProfiles.WithoutCosts,
    };

    private CompressionRequest Committed(string old = "", string with = "")
    {
        var text = File.ReadAllText(RangesPath);
        File.WriteAllText(folder.File("committed.json"), old.Length == 0 ? text : text.Replace(old, with, StringComparison.Ordinal));
        return Request() with { Ranges = folder.File("committed.json") };
    }

    private string Model(float factor, string name) => ModelBuilder.Create().Input("x", DataType.Float, "batch", Size)
        .Constant("v", Scaled(1, Size, row => row % 2 == 0 ? factor : 1), Size, Size).Constant("w", Scaled(2, 8, _ => 1, column => column % 2 == 0 ? 1 / factor : 1), 8, Size)
        .Node("Gemm", ["x", "v"], ["h"], "first", ("transB", 1)).Node("Relu", ["h"], ["r"]).Node("Gemm", ["r", "w"], ["y"], "second", ("transB", 1))
        .Output("y", DataType.Float, "batch", 8).Save(folder, name);

    private static float[] Scaled(int seed, int rows, Func<int, float> ofRow, Func<int, float>? ofColumn = null) =>
        [.. RandomTensors.Singles(new Random(seed), rows * Size, 0.2).Select((value, index) => value * ofRow(index / Size) * (ofColumn?.Invoke(index % Size) ?? 1))];

    private static string Equalized(string path) => string.Join(", ", ActivationRanges.Load(path).Equalized.Select(pair => $"{pair.Key} → {pair.Value}"));

    private static CompressionException Refused(CompressionRequest request)
    {
        var error = Assert.ThrowsExactly<CompressionException>(() => Bytes(request));
        Assert.AreEqual(DiagnosticCodes.RangesInvalid, error.Code, error.Message);
        Assert.AreEqual(request.Ranges, error.File);
        Assert.Contains("'committed.json'", error.Message);
        return error;
    }

    private static byte[] Bytes(CompressionRequest request) => File.ReadAllBytes(ModelCompressor.Compress(request, null, CancellationToken.None).ModelPath);
}
