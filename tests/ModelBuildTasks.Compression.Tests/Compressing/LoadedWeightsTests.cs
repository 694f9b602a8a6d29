using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>memoryBytes: what the weights take once the runtime has loaded the model.</summary>
[TestClass]
public sealed class LoadedWeightsTests : IDisposable
{
    // Two products of 64 x 64 and 64 x 8 weights and 64 numbers that are added.
    private const long Floats = ((64 * 64) + 64 + (64 * 8)) * sizeof(float);
    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    public void An_untouched_model_has_its_weights_in_memory() => Assert.AreEqual(Floats, Memory(job.Request with { Quantize = QuantizationMode.None, Calibration = [] }));

    [TestMethod]
    public void Weights_that_the_runtime_restores_to_floats_take_the_room_of_floats()
    {
        var report = Compress(job.Request with { Quantize = QuantizationMode.Int8Weights, Calibration = [] });

        Assert.IsLessThan(Floats / 2, report.CompressedBytes);
        Assert.IsGreaterThanOrEqualTo(Floats, report.MemoryBytes!.Value);
    }

    [TestMethod]
    public void Weights_that_stay_bytes_take_the_room_of_bytes()
    {
        var report = Compress(job.Request);

        Assert.IsLessThan(Floats / 2, report.MemoryBytes!.Value);
    }

    [TestMethod]
    public void Float16_counts_as_the_device_holds_it() =>
        Assert.AreEqual(Floats / 2, Memory(job.Request with { Quantize = QuantizationMode.Float16, Device = DeviceProfiles.Gpu }));

    [TestMethod]
    public void A_model_in_ORT_format_is_counted_as_it_is_loaded()
    {
        Assert.AreEqual(Memory(job.Request), Memory(job.Request with { Format = ModelFormat.Ort }));

        // They are restored on every run there, and not at load.
        Assert.IsLessThan(Floats / 2, Memory(job.Request with { Format = ModelFormat.Ort, Quantize = QuantizationMode.Int8Weights, Calibration = [] })!.Value);
    }

    [TestMethod]
    public void It_is_counted_once()
    {
        var first = Memory(job.Request);

        Assert.AreEqual(first, Memory(job.Request with { OutputFolder = job.File("other") }));
    }

    private static long? Memory(CompressionRequest request) => Compress(request).MemoryBytes;

    private static Compression.Reporting.CompressionReport Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None).Report;
}
