using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>A weight that pruning set to zero is exactly zero in the final file.</summary>
[TestClass]
public sealed class PrunedZeroTests : IDisposable
{
    private readonly PrunedJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Int8Weights)]
    [DataRow(QuantizationMode.Int8Dynamic)]
    [DataRow(QuantizationMode.Int16)]
    [DataRow(QuantizationMode.Float16)]
    [DataRow(QuantizationMode.Auto)]
    public void In_every_mode(QuantizationMode mode) => AssertZeros(job.Request with { Quantize = mode }, (24, 72), (64, 384), (10, 64));

    [TestMethod]
    [DataRow(Effort.Fast)]
    [DataRow(Effort.Best)]
    public void With_every_effort(Effort effort) => AssertZeros(job.Request with { Quantize = QuantizationMode.Int8, Effort = effort }, (24, 72), (64, 384), (10, 64));

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void In_four_bits_with_and_without_zero_points(bool isSymmetric)
    {
        using var folder = new TemporaryFolder();
        var (_, pruned) = job.Compress(job.Request);
        var (_, stored) = job.Compress(job.Request with { Quantize = QuantizationMode.Int4Weights, Symmetric = isSymmetric });
        var zeros = StoredZeros.Of(pruned, 64, 384)[0];
        var masks = StoredZeros.OfRestored(stored, folder, [1, 8, 12, 12], 64 * 384);

        Assert.HasCount(1, masks);
        Assert.IsTrue(zeros.Contains(true));
        Assert.IsTrue(masks[0].Zip(zeros).All(pair => pair.First || !pair.Second), "a zero was lost");
    }

    [TestMethod]
    public void Over_the_whole_range_of_bytes() => AssertZeros(job.Request with { Quantize = QuantizationMode.Int8, Device = DeviceProfiles.FullRange }, (24, 72), (64, 384), (10, 64));

    [TestMethod]
    public void As_integer_operators() => AssertZeros(job.Request with { Quantize = QuantizationMode.Int8, Format = ModelFormat.QOperator }, (24, 72), (64, 384), (10, 64));

    [TestMethod]
    public void On_integers_only() => AssertZeros(job.Request with { Quantize = QuantizationMode.Int8, IntegerOnly = true }, (24, 72), (64, 384), (10, 64));

    [TestMethod]
    public void The_network_for_digits_keeps_its_zeros_and_its_accuracy()
    {
        using var folder = new TemporaryFolder();
        var request = DigitReaderSample.Request(folder) with { Prune = new(0.5), Validation = [DigitReaderSample.Test] };
        var report = ModelCompressor.Compress(request, null, CancellationToken.None).Report;

        Assert.AreEqual(0.5, report.Pruning!.Sparsity, 1e-5);
        Assert.IsGreaterThan(0.499, report.Sparsity);
        Assert.IsLessThanOrEqualTo(0.003, report.Metric!.Original - report.Metric.Compressed);
    }

    private void AssertZeros(CompressionRequest request, params (int Rows, int Columns)[] weights)
    {
        var (_, pruned) = job.Compress(request with { Quantize = QuantizationMode.None, Format = ModelFormat.Qdq, IntegerOnly = false });
        var (_, stored) = job.Compress(request);
        foreach (var (rows, columns) in weights)
        {
            var zeros = StoredZeros.Of(pruned, rows, columns)[0];
            var masks = StoredZeros.Of(stored, rows, columns);

            Assert.IsTrue(zeros.Contains(true), $"[{rows}, {columns}] was not pruned");
            Assert.IsTrue(masks.Any(mask => mask.Zip(zeros).All(pair => pair.First || !pair.Second)), $"[{rows}, {columns}] has lost zeros: {string.Join(", ", stored.Graph.Node.Select(node => node.OpType))}");
        }
    }
}
