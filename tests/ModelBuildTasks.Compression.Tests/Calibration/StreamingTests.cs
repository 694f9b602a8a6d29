using System.IO.Compression;
using System.Runtime.CompilerServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Calibration;

/// <summary>Memory does not grow with the number of samples. Counted as bytes this thread allocates and as samples that are still alive, so that other tests do not disturb.</summary>
[TestClass]
public sealed class StreamingTests
{
    private const int SampleLength = 1000;

    [TestMethod]
    [DataRow(CompressionLevel.NoCompression, false)]
    [DataRow(CompressionLevel.Fastest, false)]
    [DataRow(CompressionLevel.Fastest, true)]
    public void Opening_a_set_and_reading_its_last_sample_takes_memory_for_one_sample(CompressionLevel compression, bool fortran)
    {
        using var folder = new TemporaryFolder();
        const int Count = 8_000;
        var path = WriteArchive(folder, Count, compression, fortran);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var sample = Samples.Open(path, Samples.Port("x", -1, SampleLength)).Read([Count - 1]).Single();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.AreEqual(Count - 1f, sample.Values<float>()[0]);
        Assert.IsLessThan(1 << 20, allocated, $"{allocated} bytes for a sample of {SampleLength * sizeof(float)} of {Count}");
    }

    [TestMethod]
    public void Collecting_ranges_keeps_no_sample()
    {
        using var folder = new TemporaryFolder();
        const int Count = 2_000;
        var samples = new Watched(Samples.Open(WriteArchive(folder, Count, CompressionLevel.Fastest, false), Samples.Port("x", -1, SampleLength)));
        using var model = ModelBuilder.Create().Input("x", 1, SampleLength).Output("y").Node("Relu", ["x"], ["r"]).Node("Neg", ["r"], ["y"]).Load(folder);

        var ranges = RangeCollector.Collect(model, samples, [.. Enumerable.Range(0, Count)], CalibrationMethod.MinMax, null, CancellationToken.None).Ranges;

        Assert.AreEqual(new ValueRange(0, Count - 1), ranges["x"]);
        Assert.HasCount(Count, samples.Given);
        Assert.IsLessThanOrEqualTo(3, samples.MostAlive);
    }

    private static string WriteArchive(TemporaryFolder folder, int count, CompressionLevel compression, bool fortran)
    {
        var path = folder.File("data.npz");
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        using var entry = archive.CreateEntry("x.npy", compression).Open();
        entry.Write(Npy.Bytes(Npy.Dictionary("<f4", fortran, count, SampleLength), []));
        // Sample n is n everywhere: in Fortran order each column holds 0, 1, 2 ….
        var (lines, length) = fortran ? (SampleLength, count) : (count, SampleLength);
        var line = new byte[length * sizeof(float)];
        for (var number = 0; number < lines; number++)
        {
            for (var position = 0; position < length; position++)
            {
                BitConverter.TryWriteBytes(line.AsSpan(position * sizeof(float)), (float)(fortran ? position : number));
            }

            entry.Write(line);
        }

        return path;
    }

    private sealed class Watched(SampleSet samples) : SampleSet
    {
        public List<WeakReference> Given { get; } = [];

        public int MostAlive { get; private set; }

        public override int Count => samples.Count;

        public override bool HasLabels => samples.HasLabels;

        public override IEnumerable<Sample> Read(IEnumerable<int> indices)
        {
            foreach (var sample in samples.Read(indices))
            {
                if (Given.Count % 250 == 249)
                {
                    GC.Collect();
                    MostAlive = Math.Max(MostAlive, Given.Count(reference => reference.IsAlive));
                }

                Given.Add(Reference(sample));
                yield return sample;
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static WeakReference Reference(Sample sample) => new(sample.Inputs["x"]);
    }
}
