using System.Globalization;
using BenchmarkDotNet.Running;
using Benchmarks.Costs;
using Benchmarks.Formats;
using Benchmarks.Kernels;
using Benchmarks.Models;
using Benchmarks.Pruning;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Corpus.Tests.Text;

return args switch
{
    ["--throughput"] => Throughput.Run(),
    ["--throughput", var mebibytes] => Throughput.Run(Number(mebibytes) << 18),
    ["--hessian"] => HessianThroughput.Run(),
    ["--selection"] => SelectionPasses.Run(),
    ["--k-means"] => KMeansPasses.Run(),
    ["--costs", var file] => CostTables.Write(file, null),
    ["--costs", var file, "--check"] => CostTables.Check(file),
    ["--costs", var file, var measuredOn] => CostTables.Write(file, measuredOn),
    ["--costs-effect", var model, var calibration, .. var tables] => CostEffect.Run(model, calibration, tables),
    ["--render-text", var file, var seed, var count, var height, var width] => Render(file, seed, count, height, width),
    ["--render-lines", var file, var seed, var count] => RenderLines(file, seed, count),
    ["--text-reading", var model, var keys, var calibration, var validation] => TextReading.Run(model, keys, calibration, validation, null),
    ["--text-reading", var model, var keys, var calibration, var validation, var costs] => TextReading.Run(model, keys, calibration, validation, costs),
    ["--whole-process", var model, .. var calibration] => WholeProcess.Run(model, calibration),
    ["--calibration-methods", var model, var calibration, var validation] => CalibrationMethods.Run(model, calibration, validation),
    ["--corrections", var model, var calibration, var validation] => CorrectionEffects.Run(model, calibration, validation),
    ["--plant-outliers", var model, var result] => OutlierFile.Write(model, result, isShifted: false),
    ["--plant-outliers", var model, var result, "shifted"] => OutlierFile.Write(model, result, isShifted: true),
    ["--block-scales", "--zero-points", .. var models] => BlockScaleMethods.Run(isSymmetric: false, models),
    ["--block-scales", .. var models] => BlockScaleMethods.Run(isSymmetric: true, models),
    ["--large-weights", var megabytes] => LargeModelCompression.Run(Number(megabytes), oneTensor: false),
    ["--large-weights", var megabytes, "--one-tensor"] => LargeModelCompression.Run(Number(megabytes), oneTensor: true),
    ["--large-weights", var megabytes, "--calibrated"] => LargeModelCompression.RunCalibrated(Number(megabytes)),
    ["--calibration-memory", var model, var height, var width] => CalibrationMemory.Run(Path.GetFullPath(model), Number(height), Number(width)),
    ["--peak-memory", var method, var model, .. var calibration] => WholeProcess.RunForPeak(method, model, calibration),
    ["--forms", var model, .. var calibration] => CompressedForms.Run(model, calibration),
    ["--packed", var model, .. var calibration] => PackedForms.Run(model, calibration),
    ["--simplification", var model, var samples] => SimplificationEffect.Run(model, samples),
    ["--search", var model, var calibration, var validation, .. var options] => FormatSearch.Run(model, calibration, validation, options),
    ["--range-refinement", .. var names] => RefinementEffect.Run(names),
    ["--sharing", .. var names] => SharingTable.Run(names),
    ["--formats", .. var options] => FormatTable.Run(TableOptions.Parse(options)),
    ["--pruning", .. var options] => PruningTable.Run(options),
    ["--structured", .. var options] => StructuredPruningTable.Run(options),
    ["--rounding", var efforts, .. var options] => RoundingTable.Run([.. efforts.Split(',').Select(effort => Enum.Parse<Effort>(effort, ignoreCase: true))], TableOptions.Parse(options)),
    [FormatMemory.Command, var form, var device, var name, var model, var calibration, var validation, .. var keys] =>
        FormatMemory.Run(form, device, new BenchmarkModel(name, model, calibration, validation) { Keys = keys is [var file] ? file : null }),
    ["--variants", var model, var calibration, .. var validation] => VariantTiming.Run(model, calibration, validation),
    ["--prune", var method, var model, var calibration, var validation, .. var options] => ChannelPruning.Run(method, model, calibration, validation, options),
    ["--large-model", var megabytes] => LargeModel.Run(Number(megabytes)),
    _ => RunBenchmarks(args),
};

static int RunBenchmarks(string[] args)
{
    var summaries = BenchmarkSwitcher.FromAssembly(typeof(Throughput).Assembly).Run(args, new KernelConfiguration());
    return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
}

static int Render(string file, string seed, string count, string height, string width)
{
    RenderedTextFile.Write(file, Number(seed), Number(count), Number(height), Number(width));
    return 0;
}

static int RenderLines(string file, string seed, string count)
{
    LabelledLineFile.Write(file, Number(seed), Number(count));
    return 0;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
