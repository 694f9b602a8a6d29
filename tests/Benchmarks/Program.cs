using System.Globalization;
using BenchmarkDotNet.Running;
using Benchmarks.Corpus;
using Benchmarks.Kernels;
using Benchmarks.Models;

return args switch
{
    ["--throughput"] => Throughput.Run(),
    ["--throughput", var mebibytes] => Throughput.Run(int.Parse(mebibytes, CultureInfo.InvariantCulture) << 18),
    ["--whole-process", var model, .. var calibration] => WholeProcess.Run(model, calibration),
    ["--corpus", .. var folders] => CorpusRun.Run(folders),
    ["--calibration-methods", var model, var calibration, var validation] => CalibrationMethods.Run(model, calibration, validation),
    ["--large-model", var megabytes] => LargeModel.Run(int.Parse(megabytes, CultureInfo.InvariantCulture)),
    ["--large-weights", var megabytes] => LargeModelCompression.Run(int.Parse(megabytes, CultureInfo.InvariantCulture), oneTensor: false),
    ["--large-weights", var megabytes, "--one-tensor"] => LargeModelCompression.Run(int.Parse(megabytes, CultureInfo.InvariantCulture), oneTensor: true),
    ["--large-weights", var megabytes, "--calibrated"] => LargeModelCompression.RunCalibrated(int.Parse(megabytes, CultureInfo.InvariantCulture)),
    _ => RunBenchmarks(args),
};

static int RunBenchmarks(string[] args)
{
    var summaries = BenchmarkSwitcher.FromAssembly(typeof(Throughput).Assembly).Run(args, new KernelConfiguration());
    return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
}
