using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class ZeroCountTests
{
    [TestMethod]
    public void Zeros_of_any_length_and_offset_are_counted()
    {
        foreach (var length in KernelData.Lengths)
        {
            var offset = length % 5;
            var values = KernelData.ValuesWithSpecials(offset + length, seed: length).AsMemory(offset);
            Assert.AreEqual(values.ToArray().Count(value => value == 0), ZeroCount.Of(values.Span), $"length {length}");
        }
    }

    [TestMethod]
    public void Both_zeros_count_and_the_smallest_number_does_not() => Assert.AreEqual(2, ZeroCount.Of([0f, -0f, float.Epsilon, -float.Epsilon, float.NaN]));
}
