namespace Benchmarks.Costs;

/// <summary>How long one node of an optimized model ran.</summary>
/// <param name="Operation">What runs: QLinearConv, ReorderInput …</param>
/// <param name="Nanoseconds">The median of all runs.</param>
internal sealed record KernelTime(string Operation, double Nanoseconds);
