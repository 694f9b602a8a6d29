namespace Benchmarks.Kernels;

/// <summary>A kernel over a slice of <see cref="BenchmarkData"/>.</summary>
/// <param name="Name">The row in the table.</param>
/// <param name="InputBytesPerValue">Bytes the kernel reads for each value of the slice.</param>
/// <param name="RequiredShare">The share of a memory copy's input bytes per second it must reach; null where nothing is required.</param>
/// <param name="Run">Runs over the values from a start on, of a length.</param>
internal sealed record KernelRun(string Name, int InputBytesPerValue, double? RequiredShare, Action<int, int> Run);
