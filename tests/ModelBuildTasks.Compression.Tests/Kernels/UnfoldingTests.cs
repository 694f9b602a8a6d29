using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class UnfoldingTests
{
    [TestMethod]
    public void Rows_of_a_small_case_are_those_written_by_hand()
    {
        var rows = new float[8];

        Unfolding.Of([1, 2, 3, 4, 5, 6], 2, 3, [-1, 0, 1, 2], 2, rows);

        CollectionAssert.AreEqual(new float[] { 0, 1, 0, 4, 2, 3, 5, 6 }, rows);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Any_lengths_give_every_window_and_touch_nothing_else(bool guardAfter)
    {
        foreach (var channels in Enumerable.Range(0, 20).Concat([257]))
        {
            foreach (var (taps, count) in new[] { (1, 1), (1, 16), (1, 33), (2, 5), (3, 17), (9, 16), (25, 2) })
            {
                var distance = 11 + channels;
                var random = new Random(taps + channels);
                int[] indices = [.. Enumerable.Range(0, taps * count).Select(_ => random.Next(-1, distance))];
                var plain = KernelData.ValuesWithSpecials(channels * distance, taps);
                using var values = new GuardedMemory(plain.Length * sizeof(float), guardAfter);
                using var rows = new GuardedMemory(indices.Length * channels * sizeof(float), guardAfter);
                using var places = new GuardedMemory(indices.Length * sizeof(int), guardAfter);
                plain.CopyTo(values.Span<float>());
                indices.CopyTo(places.Span<int>());

                Unfolding.Of(values.Span<float>(), channels, distance, places.Span<int>(), taps, rows.Span<float>());

                var expected = new float[indices.Length * channels];
                for (var i = 0; i < indices.Length * channels; i++)
                {
                    var (row, channel, tap) = (i / taps / channels, i / taps % channels, i % taps);
                    var index = indices[(row * taps) + tap];
                    expected[i] = index < 0 ? 0 : plain[(channel * distance) + index];
                }

                Assert.IsTrue(MemoryMarshal.AsBytes(expected.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(rows.Span<float>())), $"{channels} channels, {taps} taps, {count} rows");
            }
        }
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(int.MinValue)]
    [DataRow(6)]
    [DataRow(int.MaxValue)]
    public void An_index_outside_of_the_values_gives_zero(int index)
    {
        var (point, window) = (new float[1], new float[2]);

        Unfolding.Of([1, 2, 3, 4, 5, 6], 1, 3, [index], 1, point);
        Unfolding.Of([1, 2, 3, 4, 5, 6], 1, 3, [index, 1], 2, window);

        CollectionAssert.AreEqual(new float[] { 0 }, point);
        CollectionAssert.AreEqual(new float[] { 0, 2 }, window);
    }

    [TestMethod]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => Unfolding.Of(new float[6], 2, 3, [0, 1, 2], 2, new float[6]));
        Assert.ThrowsExactly<ArgumentException>(() => Unfolding.Of(new float[6], 2, 3, [0, 1], 2, new float[3]));
        Assert.ThrowsExactly<ArgumentException>(() => Unfolding.Of(new float[6], 4, 3, [0, 1], 2, new float[8]));
        Assert.Throws<ArgumentException>(() => Unfolding.Of(new float[6], 2, 3, [], 0, []));
    }
}
