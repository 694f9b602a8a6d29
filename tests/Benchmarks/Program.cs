using System.Globalization;
using BenchmarkDotNet.Running;
using Benchmarks.Kernels;
using Benchmarks.Models;

return args switch
{
    ["--throughput"] => Throughput.Run(),
    ["--throughput", var mebibytes] => Throughput.Run(int.Parse(mebibytes, CultureInfo.InvariantCulture) << 18),
    ["--whole-process", var model, .. var calibration] => WholeProcess.Run(model, calibration),
    ["--calibration-methods", var model, var calibration, var validation] => CalibrationMethods.Run(model, calibration, validation),
    ["--large-model", var megabytes] => LargeModel.Run(int.Parse(megabytes, CultureInfo.InvariantCulture)),
    _ => RunBenchmarks(args),
};

static int RunBenchmarks(string[] args)
{
    var summaries = BenchmarkSwitcher.FromAssembly(typeof(Throughput).Assembly).Run(args, new KernelConfiguration());
    return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
}
