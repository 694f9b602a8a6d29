using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Benchmarks.Kernels;

/// <summary>Input bytes per second of the median run, absolute or as a share of the memory copy's.</summary>
internal sealed class InputThroughputColumn(bool shareOfCopy) : IColumn
{
    public string Id => ColumnName;

    public string ColumnName => shareOfCopy ? "Of copy" : "Input";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => shareOfCopy ? 1 : 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => shareOfCopy ? "Input bytes per second, relative to the memory copy's" : "Input bytes per second";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        var speed = BytesPerSecond(summary, benchmarkCase);
        var copy = BytesPerSecond(summary, summary.BenchmarksCases.First(other => other.Descriptor.Baseline && other.Descriptor.Type == benchmarkCase.Descriptor.Type));
        return shareOfCopy
            ? string.Create(CultureInfo.InvariantCulture, $"{100 * speed / copy:F0} %")
            : string.Create(CultureInfo.InvariantCulture, $"{speed / 1e9:F1} GB/s");
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => true;

    private static double? BytesPerSecond(Summary summary, BenchmarkCase benchmarkCase)
    {
        var perValue = benchmarkCase.Descriptor.WorkloadMethod.GetCustomAttribute<InputBytesAttribute>()!.PerValue;
        return (double)perValue * BenchmarkData.Length / (summary[benchmarkCase]?.ResultStatistics?.Median / 1e9);
    }
}
