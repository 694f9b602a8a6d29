using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class DequantizeLinearTests
{
    [TestMethod]
    public void Floats_of_any_length_and_offset_are_those_of_the_definition()
    {
        foreach (var length in KernelData.Lengths)
        {
            var offset = length % 5;
            var quantized = KernelData.Bytes(offset + length, seed: length).AsSpan(offset);
            var values = new float[length];
            foreach (var (scale, zeroPoint) in new[] { (0.1f, 0), (0.03f, -128), (1e-38f, 127), (3e38f, 5) })
            {
                DequantizeLinear.FromInt8(quantized, values, scale, zeroPoint);
                for (var i = 0; i < length; i++)
                {
                    Assert.AreEqual((quantized[i] - zeroPoint) * scale, values[i], $"{quantized[i]} at {i} of {length}");
                }
            }
        }
    }

    [TestMethod]
    public void Every_byte_survives_the_way_to_a_float_and_back()
    {
        var quantized = Enumerable.Range(-128, 256).Select(value => (sbyte)value).ToArray();
        var values = new float[256];
        var again = new sbyte[256];
        DequantizeLinear.FromInt8(quantized, values, 0.0371f, -11);
        QuantizeLinear.ToInt8(values, again, 0.0371f, -11, -128, 127);
        CollectionAssert.AreEqual(quantized, again);
    }

    [TestMethod]
    public void Lengths_and_zero_points_that_do_not_fit_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => DequantizeLinear.FromInt8(new sbyte[2], new float[1], 1, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => DequantizeLinear.FromInt8(new sbyte[1], new float[1], 1, 128));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => DequantizeLinear.FromInt8(new sbyte[1], new float[1], 1, -129));
    }
}
