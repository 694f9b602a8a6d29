using System.Diagnostics;
using System.Globalization;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

/// <summary>
/// What second-order rounding computes with: XᵀX beside the runtime's MatMul of the same sizes, in turns, medians; then Cholesky factors and products of transposed matrices. Our operations are those of the triangle, the runtime's
/// those of the square. One thread is measured in processor time, which other load changes little, several in elapsed time.
/// </summary>
internal static class HessianThroughput
{
    private const double SecondsOfTurns = 0.5;
    private const int MinimumTurns = 5;
    private const double RequiredRatio = 0.5;

    /// <returns>0 when XᵀX takes at most twice the time of the runtime's product everywhere.</returns>
    public static int Run()
    {
        var reached = true;
        foreach (var threads in new[] { 1, Environment.ProcessorCount }.Distinct())
        {
            Print($"XᵀX, threads: {threads}\n");
            Print($"| width | count | ours ms | runtime ms | ratio | ours GFLOP/s | runtime GFLOP/s |");
            Print($"|---|---|---|---|---|---|---|");
            foreach (var width in new[] { 64, 128, 256, 288, 576, 864, 1152, 2304 })
            {
                foreach (var count in new[] { 1024, 8192 })
                {
                    reached &= RunRankUpdate(width, count, threads) >= RequiredRatio;
                }
            }

            Print($"\nCholesky factors, threads: {threads}\n");
            Print($"| size | ms | GFLOP/s |");
            Print($"|---|---|---|");
            foreach (var size in new[] { 64, 256, 1024, 2304, 4096 })
            {
                RunCholesky(size, threads);
            }

            Print($"");
        }

        Print($"Transposed products in double precision, one thread\n");
        Print($"| depth | width | ms | GFLOP/s |");
        Print($"|---|---|---|---|");
        foreach (var (depth, width) in new[] { (16, 1024), (64, 256), (64, 1024), (128, 1024), (512, 512), (1024, 1024) })
        {
            RunTransposedProduct(depth, width);
        }

        return reached ? 0 : 1;
    }

    private static double RunRankUpdate(int width, int count, int threads)
    {
        var (rows, turned, sums) = (BenchmarkData.Normal.AsSpan(0, count * width).ToArray(), new float[count * width], new double[width * width]);
        Transposition.Of<float>(rows, count, width, turned);
        using var product = new RuntimeProduct(turned, rows, width, count, threads);
        var seconds = Medians(threads, () => { }, () => SymmetricRankUpdate.Add(rows, count, width, sums, threads), product.Run);
        var ratio = seconds[1] / seconds[0];
        var (ours, runtime) = ((double)width * (width + 1) * count / seconds[0] / 1e9, 2.0 * width * width * count / seconds[1] / 1e9);
        Print($"| {width} | {count} | {1e3 * seconds[0]:F2} | {1e3 * seconds[1]:F2} | {ratio:F2} | {ours:F1} | {runtime:F1} |");
        return ratio;
    }

    private static void RunCholesky(int size, int threads)
    {
        var (matrix, work) = (new double[size * size], new double[size * size]);
        SymmetricRankUpdate.Add(BenchmarkData.Normal.AsSpan(0, (size + 16) * size), size + 16, size, matrix, Environment.ProcessorCount);
        for (var i = 0; i < size; i++)
        {
            matrix[(i * size) + i] += 1;
        }

        var seconds = Medians(threads, () => matrix.CopyTo(work, 0), () => Check(CholeskyFactor.InPlace(work, size, threads)))[0];
        Print($"| {size} | {1e3 * seconds:F2} | {(double)size * size * size / 3 / seconds / 1e9:F1} |");
    }

    private static void RunTransposedProduct(int depth, int width)
    {
        var (left, right, sums) = (Doubles(0, depth * width), Doubles(depth * width, depth * width), new double[width * width]);
        var seconds = Medians(1, () => { }, () => TransposedProduct.Add(new ReadOnlyMatrixPart<double>(left, depth, width), new(right, depth, width), new(sums, width, width)))[0];
        Print($"| {depth} | {width} | {1e3 * seconds:F2} | {2.0 * depth * width * width / seconds / 1e9:F1} |");
    }

    private static double[] Doubles(int start, int length) => Array.ConvertAll(BenchmarkData.Normal.AsSpan(start, length).ToArray(), value => (double)value);

    private static void Check(bool factored)
    {
        if (!factored)
        {
            throw new InvalidOperationException("A positive definite matrix has a factor.");
        }
    }

    /// <summary>The median seconds of each, which take turns.</summary>
    private static double[] Medians(int threads, Action prepare, params Action[] actions)
    {
        var seconds = Array.ConvertAll(actions, _ => new List<double>());
        // The first turn compiles.
        for (var (turn, start) = (-1, Stopwatch.GetTimestamp()); turn < MinimumTurns || Stopwatch.GetElapsedTime(start).TotalSeconds < SecondsOfTurns; turn++)
        {
            for (var index = 0; index < actions.Length; index++)
            {
                prepare();
                var (elapsed, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage);
                actions[index]();
                if (turn >= 0)
                {
                    seconds[index].Add((threads == 1 ? Environment.CpuUsage.TotalTime - processor.TotalTime : Stopwatch.GetElapsedTime(elapsed)).TotalSeconds);
                }
            }
        }

        return Array.ConvertAll(seconds, each => each.Order().ElementAt(each.Count / 2));
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
