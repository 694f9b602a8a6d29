using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression.Tests.Packaging;

[TestClass]
public sealed class CacheLockTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cache-lock-").FullName;

    public TestContext TestContext { get; set; } = null!;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public void A_key_is_held_by_one_at_a_time()
    {
        var holders = 0;
        var most = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.CancellationToken }, _ =>
        {
            using (CacheLock.Acquire(folder, "key", TestContext.CancellationToken))
            {
                InterlockedMaximum(ref most, Interlocked.Increment(ref holders));
                Thread.Yield();
                Interlocked.Decrement(ref holders);
            }
        });

        Assert.AreEqual(1, most);
    }

    [TestMethod]
    public void Another_key_is_free()
    {
        using var first = CacheLock.Acquire(folder, "first", TestContext.CancellationToken);
        using var second = CacheLock.Acquire(folder, "second", TestContext.CancellationToken);

        CollectionAssert.AreEquivalent(new[] { "first.lock", "second.lock" }, Directory.GetFiles(Path.Combine(folder, "locks")).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void Who_waits_for_a_held_key_can_be_cancelled()
    {
        using var held = CacheLock.Acquire(folder, "key", TestContext.CancellationToken);
        using var cancellation = new CancellationTokenSource();
        var waiting = Task.Run(() => CacheLock.Acquire(folder, "key", cancellation.Token), TestContext.CancellationToken);

        cancellation.Cancel();

        Assert.ThrowsExactly<OperationCanceledException>(() => waiting.GetAwaiter().GetResult());
    }

    [TestMethod]
    public void A_cache_that_is_no_folder_is_a_coded_error()
    {
        var file = Path.Combine(folder, "file");
        File.WriteAllText(file, "");

        var exception = Assert.ThrowsExactly<CompressionException>(() => CacheLock.Acquire(file, "key", TestContext.CancellationToken));

        Assert.AreEqual(DiagnosticCodes.OutputNotWritable, exception.Code);
    }

    private static void InterlockedMaximum(ref int target, int value)
    {
        var seen = Volatile.Read(ref target);
        while (value > seen)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
