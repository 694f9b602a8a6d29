using ModelBuildTasks.Compression.Calibration;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class ImageResamplingTests
{
    [TestMethod]
    public void The_same_size_gives_the_same_pixels()
    {
        byte[] pixels = [.. Enumerable.Range(0, 5 * 7 * 3).Select(position => (byte)(position * 37))];

        CollectionAssert.AreEqual(pixels.Select(pixel => (float)pixel).ToArray(), ImageResampling.Resize(pixels, 5, 7, 3, 5, 7));
    }

    [TestMethod]
    public void Growing_interpolates_between_pixel_centres()
    {
        AreClose([0, 25, 75, 100], ImageResampling.Resize([0, 100], 1, 2, 1, 1, 4));
        AreClose([0, 25, 75, 100], ImageResampling.Resize([0, 100], 2, 1, 1, 4, 1));
    }

    [TestMethod]
    public void Shrinking_counts_every_pixel()
    {
        // The triangle around the centre 1 reaches from -1 to 3: the pixels at 0.5, 1.5, 2.5 weigh 0.75, 0.75, 0.25.
        AreClose([300f / 7, 0], ImageResampling.Resize([100, 0, 0, 0], 1, 4, 1, 1, 2));
        AreClose([300f / 7, 100f / 7], ImageResampling.Resize([0, 100, 0, 0], 4, 1, 1, 2, 1));
    }

    [TestMethod]
    public void Rows_and_columns_combine()
    {
        AreClose([50, 50, 50, 50, 50, 50], ImageResampling.Resize([50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50], 3, 4, 1, 2, 3));
        // Columns add 0, 10, 30, 40; rows add 0, 20, 60, 80.
        AreClose([0, 10, 30, 40, 20, 30, 50, 60, 60, 70, 90, 100, 80, 90, 110, 120], ImageResampling.Resize([0, 40, 80, 120], 2, 2, 1, 4, 4));
    }

    [TestMethod]
    public void Channels_do_not_mix()
    {
        var resized = ImageResampling.Resize([10, 200, 0, 10, 200, 0, 10, 200, 0], 1, 3, 3, 2, 2);

        AreClose([10, 200, 0, 10, 200, 0, 10, 200, 0, 10, 200, 0], resized);
    }

    [TestMethod]
    public void Any_size_stays_within_the_range_of_the_pixels()
    {
        var random = new Random(5);
        for (var round = 0; round < 50; round++)
        {
            var (height, width) = (random.Next(1, 20), random.Next(1, 20));
            var pixels = new byte[height * width];
            random.NextBytes(pixels);

            var resized = ImageResampling.Resize(pixels, height, width, 1, random.Next(1, 20), random.Next(1, 20));

            Assert.IsTrue(resized.All(value => value >= pixels.Min() - 1e-3f && value <= pixels.Max() + 1e-3f));
        }
    }

    private static void AreClose(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (var index = 0; index < expected.Length; index++)
        {
            Assert.AreEqual(expected[index], actual[index], 1e-4f, $"element {index}");
        }
    }
}
