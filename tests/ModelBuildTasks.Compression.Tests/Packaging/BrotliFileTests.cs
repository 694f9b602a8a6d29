using System.IO.Compression;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Packaging;

[TestClass]
public sealed class BrotliFileTests : IDisposable
{
    private const int Seed = 7;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow((1 << 20) - 1)]
    [DataRow(1 << 20)]
    [DataRow((1 << 20) + 1)]
    [DataRow((3 << 20) + 7)]
    public void What_is_unpacked_is_what_was_packed(int length)
    {
        var content = Sparse(length);

        CollectionAssert.AreEqual(content, UnpackedBrotli.Of(Packed(content)));
    }

    [TestMethod]
    public void What_the_encoder_cannot_shrink_comes_back_too()
    {
        var content = new byte[2_000_000];
        new Random(Seed).NextBytes(content);

        CollectionAssert.AreEqual(content, UnpackedBrotli.Of(Packed(content)));
    }

    [TestMethod]
    public void The_same_file_becomes_the_same_bytes()
    {
        var content = Sparse(2_500_000);

        CollectionAssert.AreEqual(Packed(content), Packed(content));
    }

    [TestMethod]
    public void Half_of_the_weights_zero_and_sixteen_values_come_within_a_tenth_of_their_entropy()
    {
        var content = Sparse(1 << 20);
        var entropy = content.GroupBy(value => value).Sum(group => -group.Count() * Math.Log2((double)group.Count() / content.Length)) / 8;

        Assert.IsLessThan(1.1 * entropy, Packed(content).Length);
    }

    [TestMethod]
    public void Of_the_best_qualities_the_smaller_result_is_kept()
    {
        var floats = new float[50_000];
        var random = new Random(Seed);
        for (var i = 0; i < floats.Length; i += 2)
        {
            floats[i] = random.NextSingle();
        }

        foreach (var content in new[] { Sparse(200_000), MemoryMarshal.AsBytes(floats.AsSpan()).ToArray() })
        {
            var packed = Packed(content);

            Assert.IsLessThanOrEqualTo(Encoded(content, 10), packed.Length);
            Assert.IsLessThanOrEqualTo(Encoded(content, 11), packed.Length);
        }
    }

    [TestMethod]
    public void A_large_file_takes_the_fast_way_and_comes_back()
    {
        var content = Sparse((int)BrotliFile.LargestAtBest + 1);

        var packed = Packed(content);

        Assert.IsLessThan(content.Length / 2, packed.Length);
        CollectionAssert.AreEqual(content, UnpackedBrotli.Of(packed));
    }

    [TestMethod]
    public void Cancelled_it_leaves_nothing_behind()
    {
        var source = folder.Write("source", Sparse(100_000));

        Assert.ThrowsExactly<OperationCanceledException>(() => BrotliFile.Pack(source, folder.File("out/packed"), new CancellationToken(canceled: true)));

        Assert.IsEmpty(Directory.GetFiles(folder.File("out")));
    }

    private byte[] Packed(byte[] content)
    {
        BrotliFile.Pack(folder.Write("source", content), folder.File("packed"), CancellationToken.None);
        return File.ReadAllBytes(folder.File("packed"));
    }

    private static int Encoded(byte[] content, int quality)
    {
        Assert.IsTrue(BrotliEncoder.TryCompress(content, new byte[content.Length + 1000], out var length, quality, 24));
        return length;
    }

    /// <summary>Weights as pruning by half and sharing leave them: zeros, and fifteen other values that become rarer away from zero.</summary>
    private static byte[] Sparse(int length)
    {
        var random = new Random(Seed);
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = random.Next(2) == 0 ? (byte)0 : (byte)(16 * (random.Next(8) + random.Next(8) - 7));
        }

        return bytes;
    }
}
