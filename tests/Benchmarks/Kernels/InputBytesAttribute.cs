namespace Benchmarks.Kernels;

/// <summary>How many bytes a benchmark reads for each of the values of <see cref="BenchmarkData"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class InputBytesAttribute(int perValue) : Attribute
{
    public int PerValue { get; } = perValue;
}
