using System.Numerics.Tensors;

namespace ModelBuildTasks.Compression.Tests.Onnx;

/// <summary>What float16 weights rely on: the vectorized conversion of the base library rounds as the scalar one, to the nearest, halves to even.</summary>
[TestClass]
public sealed class HalfConversionTests
{
    [TestMethod]
    public void Every_half_its_midpoints_and_their_neighbours_round_as_one_by_one()
    {
        var values = new List<float>();
        for (var bits = 0; bits < 0x7C00; bits++)
        {
            var (here, next) = ((float)BitConverter.UInt16BitsToHalf((ushort)bits), bits == 0x7BFF ? 65536f : (float)BitConverter.UInt16BitsToHalf((ushort)(bits + 1)));
            var middle = (here + next) / 2;
            values.AddRange([here, middle, MathF.BitDecrement(middle), MathF.BitIncrement(middle), -here, -middle, -MathF.BitDecrement(middle), -MathF.BitIncrement(middle)]);
        }

        var halves = new Half[values.Count];
        TensorPrimitives.ConvertToHalf(values.ToArray(), halves);

        for (var index = 0; index < halves.Length; index++)
        {
            Assert.AreEqual(BitConverter.HalfToUInt16Bits(Nearest(values[index])), BitConverter.HalfToUInt16Bits(halves[index]), $"{values[index]:R}");
        }
    }

    [TestMethod]
    public void Every_length_and_every_start_gives_the_same_bits()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 300).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-8, 5)))).ToArray();
        for (var length = 0; length <= 256; length++)
        {
            var halves = new Half[length];
            TensorPrimitives.ConvertToHalf(values.AsSpan(length % 37, length), halves);
            for (var index = 0; index < length; index++)
            {
                Assert.AreEqual((Half)values[(length % 37) + index], halves[index]);
            }
        }
    }

    // In double precision a float16 step divides exactly.
    private static Half Nearest(float value)
    {
        var magnitude = Math.Abs((double)value);
        var step = Math.ScaleB(1, Math.Max(magnitude == 0 ? -14 : Math.ILogB(magnitude), -14) - 10);
        var rounded = Math.Round(magnitude / step) * step;
        return rounded > 65504 ? value > 0 ? Half.PositiveInfinity : Half.NegativeInfinity : (Half)Math.CopySign(rounded, value);
    }
}
