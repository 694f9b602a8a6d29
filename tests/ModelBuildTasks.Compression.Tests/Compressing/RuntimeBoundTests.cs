using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>A form that the referenced ONNX Runtime does not know is told before any work.</summary>
[TestClass]
public sealed class RuntimeBoundTests : IDisposable
{
    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    public void ORT_format_needs_the_version_that_saves_it()
    {
        var request = job.Request with { Format = ModelFormat.Ort };

        Assert.AreEqual(DiagnosticCodes.RuntimeTooOld, Code(request with { OnnxRuntime = new Version(1, 30, 9) }));
        Assert.IsNull(Code(request with { OnnxRuntime = new Version(1, 31) }));
    }

    [TestMethod]
    public void Integers_only_needs_a_version_that_has_all_their_operators()
    {
        var request = job.Request with { IntegerOnly = true };

        Assert.AreEqual(DiagnosticCodes.RuntimeTooOld, Code(request with { OnnxRuntime = new Version(1, 13, 1) }));
        Assert.IsNull(Code(request with { OnnxRuntime = new Version(1, 14) }));
    }

    [TestMethod]
    public void Integer_operators_need_a_version_that_has_them_all()
    {
        var request = job.Request with { Format = ModelFormat.QOperator };

        Assert.AreEqual(DiagnosticCodes.RuntimeTooOld, Code(request with { OnnxRuntime = new Version(1, 10) }));
        Assert.IsNull(Code(request with { OnnxRuntime = new Version(1, 11) }));
    }

    [TestMethod]
    public void Activations_of_16_bits_need_a_version_that_has_them()
    {
        var request = job.Request with { Quantize = QuantizationMode.Int16 };

        Assert.AreEqual(DiagnosticCodes.RuntimeTooOld, Code(request with { OnnxRuntime = new Version(1, 16, 3) }));
        Assert.IsNull(Code(request with { OnnxRuntime = new Version(1, 17) }));
    }

    [TestMethod]
    public void Weights_of_four_bits_need_a_version_that_has_their_operators()
    {
        var request = job.Request with { Quantize = QuantizationMode.Int4Weights };

        Assert.AreEqual(DiagnosticCodes.RuntimeTooOld, Code(request with { OnnxRuntime = new Version(1, 22) }));
        Assert.IsNull(Code(request with { OnnxRuntime = new Version(1, 23) }));
    }

    [TestMethod]
    public void A_model_stays_a_model_for_an_old_version() => Assert.IsNull(Code(job.Request with { OnnxRuntime = new Version(1, 11) }));

    private static string? Code(CompressionRequest request)
    {
        try
        {
            ModelCompressor.Compress(request, null, CancellationToken.None);
            return null;
        }
        catch (CompressionException exception)
        {
            return exception.Code;
        }
    }
}
