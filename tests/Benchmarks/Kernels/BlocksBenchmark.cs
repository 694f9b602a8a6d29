using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

/// <summary>Blocks of 32 weights, 256 at a time, as int4-weights quantizes them.</summary>
public class BlocksBenchmark : KernelBenchmark
{
    private const int Columns = 256;
    private const int Tile = 32 * Columns;
    private readonly float[] scales = Enumerable.Repeat(0.4f, Columns).ToArray();
    private readonly float[] lowest = Enumerable.Repeat(-8f, Columns).ToArray();
    private readonly float[] importance = Enumerable.Repeat(1f, Tile).ToArray();
    private readonly float[] errors = new float[Columns];
    private readonly float[] maxima = new float[Columns];

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void Errors() => ForEachTile(start => BlockErrors.Of(Normal.AsSpan(start, Tile), importance, scales, lowest, errors));

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void Fits() => ForEachTile(start => BlockFits.Of(Normal.AsSpan(start, Tile), importance, scales, lowest, errors));

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void Importance() => ForEachTile(start => BlockImportance.Of(Normal.AsSpan(start, Tile), Columns, importance));

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void Levels() => ForEachTile(start => BlockLevels.Of(Normal.AsSpan(start, Tile), scales, lowest, MemoryMarshal.AsBytes(Bytes.AsSpan(start, Tile))));

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void Extremes() => ForEachTile(start => ColumnExtremes.Of(Normal.AsSpan(start, Tile), errors, maxima));

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void Transpose() => ForEachTile(start => Transposition.Of<float>(Normal.AsSpan(start, Tile), Columns, 32, Floats.AsSpan(start, Tile)));

    private static void ForEachTile(Action<int> work)
    {
        for (var start = 0; start < BenchmarkData.Length; start += Tile)
        {
            work(start);
        }
    }
}
