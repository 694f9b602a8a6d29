using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class PatternMaskTests
{
    [TestMethod]
    public void Two_of_four_keeps_the_largest_two_of_each_group()
    {
        float[] values = [1, -2, 3, 0.5f, 4, 4, -4, 4];
        Assert.AreEqual(4, PatternMask.Apply(values, values, 2, 4));
        CollectionAssert.AreEqual(new float[] { 0, -2, 3, 0, 4, 4, 0, 0 }, values);
    }

    [TestMethod]
    public void Saliencies_decide_where_they_are_not_the_values()
    {
        float[] values = [1, 2, 3, 4];
        PatternMask.Apply(values, [5, 0, -6, 1], 2, 4);
        CollectionAssert.AreEqual(new float[] { 1, 0, 3, 0 }, values);
    }

    [TestMethod]
    public void A_group_of_fewer_values_at_the_end_keeps_as_many()
    {
        float[] values = [1, 2, 3, 4, 7, 6, 5];
        Assert.AreEqual(3, PatternMask.Apply(values, values, 2, 4));
        CollectionAssert.AreEqual(new float[] { 0, 0, 3, 4, 7, 6, 0 }, values);
    }

    [TestMethod]
    public void A_pattern_that_keeps_all_changes_nothing()
    {
        float[] values = [1, 2, 3, 4, 5];
        Assert.AreEqual(0, PatternMask.Apply(values, values, 4, 4));
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4, 5 }, values);
    }

    [TestMethod]
    [DataRow(2, 4)]
    [DataRow(1, 4)]
    [DataRow(3, 4)]
    [DataRow(0, 4)]
    [DataRow(1, 2)]
    [DataRow(4, 8)]
    [DataRow(3, 7)]
    [DataRow(40, 100)]
    public void Any_length_and_offset_keeps_what_a_sort_of_each_group_keeps(int kept, int group)
    {
        foreach (var length in KernelData.Lengths.Where(length => length <= 5000))
        {
            var offset = length % 5;
            var values = KernelData.ValuesWithSpecials(offset + length, seed: length).AsSpan(offset);
            var saliencies = KernelData.ValuesWithSpecials(length, seed: ~length);
            var expected = KeptOfEachGroup(values, saliencies, kept, group);
            Assert.AreEqual(expected.Zeroed, PatternMask.Apply(values, saliencies, kept, group));
            CollectionAssert.AreEqual(expected.Values, values.ToArray(), $"length {length}");
        }
    }

    [TestMethod]
    public void Groups_without_values_and_saliencies_of_another_length_are_refused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PatternMask.Apply(new float[4], new float[4], 0, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PatternMask.Apply(new float[4], new float[4], -1, 4));
        Assert.ThrowsExactly<ArgumentException>(() => PatternMask.Apply(new float[4], new float[3], 2, 4));
    }

    private static (float[] Values, long Zeroed) KeptOfEachGroup(ReadOnlySpan<float> values, float[] saliencies, int kept, int group)
    {
        var masked = values.ToArray();
        var lost = Enumerable.Range(0, masked.Length).Chunk(group)
            .SelectMany(indices => indices.OrderByDescending(index => BitConverter.SingleToInt32Bits(saliencies[index]) & int.MaxValue).Skip(kept)).ToArray();
        Array.ForEach(lost, index => masked[index] = 0);
        return (masked, lost.Length);
    }
}
