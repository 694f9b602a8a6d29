using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class KMeansBenchmark : KernelBenchmark
{
    private readonly byte[] indices = new byte[BenchmarkData.Length];
    private readonly double[] sums = new double[16];
    private readonly double[] weights = new double[16];
    private readonly ValueCells cells = ValueCells.Of(BenchmarkData.Normal, []);
    private float[] centroids = [];
    private float[] manyCentroids = [];

    [GlobalSetup]
    public void FindCentroids()
    {
        centroids = KMeans.Of(cells, 16, fixesZero: false);
        manyCentroids = KMeans.Of(cells, 256, fixesZero: false);
    }

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void Assign() => KMeansAssignment.Assign(Normal, centroids, indices);

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void AssignAmong256() => KMeansAssignment.Assign(Normal, manyCentroids, indices);

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void Accumulate() => KMeansAssignment.Accumulate(Normal, [], centroids, sums, weights);

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void AccumulateCells() => cells.Accumulate(centroids, sums, weights);
}
