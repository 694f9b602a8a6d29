using Microsoft.Build.Framework;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Diagnostics;

namespace ModelBuildTasks.Items;

/// <summary>Reads AiModel items: the one place that knows the contract's metadata.</summary>
internal static class ModelItemParser
{
    /// <summary>Reads one item; what is wrong is added to the problems.</summary>
    public static ModelItem Parse(ITaskItem item, ModelFolders folders, List<ItemProblem> problems)
    {
        var metadata = new MetadataReader(item, problems);
        PlannedTechniques.Check(metadata);
        var name = Name(item, metadata);
        var format = Format(metadata);
        var logicalName = metadata.Text("LogicalName");
        var isFile = metadata.Choice("Load", ["Embedded", "File"]) == "File";
        var limits = Limits(metadata);
        var request = new CompressionRequest
        {
            ModelPath = Model(item, folders, problems),
            Name = name,
            OutputFolder = folders.Output,
            CacheFolder = folders.Cache,
            Quantize = Quantize(metadata),
            Prune = PruningMetadata.Parse(metadata),
            Share = SharingMetadata.Parse(metadata),
            BlockSize = BlockSize(metadata),
            Symmetric = metadata.Choice("Symmetric", ["true", "false"]) == "true",
            OptimizeFor = metadata.Choice("OptimizeFor", ["latency", "size"]) == "size" ? OptimizationGoal.Size : OptimizationGoal.Latency,
            MaxAccuracyDrop = limits.MaxAccuracyDrop,
            MinSqnr = limits.MinSqnr,
            Effort = Effort(metadata),
            Calibration = Paths(metadata.List("Calibration"), folders),
            Validation = Paths(metadata.List("Validation"), folders),
            CalibrationMethod = CalibrationMethod(metadata),
            Ranges = Ranges(metadata, folders, problems),
            Images = Images(metadata),
            Metric = Metric(metadata),
            Keys = Keys(metadata, folders, problems),
            KeepFloat = metadata.List("KeepFloat"),
            Format = format,
            IntegerOnly = metadata.Flag("IntegerOnly"),
            ResourceCompression = ResourceCompressionMetadata.Parse(metadata, isFile),
        };
        return new ModelItem(
            request,
            limits,
            metadata.Choice("OnRegression", ["error", "warn"]) == "error",
            metadata.Text("Device"),
            logicalName.Length > 0 ? logicalName : $"AiModels.{name}{format.Extension()}",
            isFile);
    }

    private static string Model(ITaskItem item, ModelFolders folders, List<ItemProblem> problems)
    {
        var path = folders.Resolve(item.ItemSpec);
        if (!File.Exists(path))
        {
            var what = Directory.Exists(path) ? "is a folder, but an AiModel is one .onnx file; use a wildcard for all files of a folder" : "does not exist; check the path in the AiModel item";
            problems.Add(new ItemProblem(DiagnosticCodes.ModelUnreadable, path, $"'{item.ItemSpec}' {what}."));
        }

        return path;
    }

    private static string Name(ITaskItem item, MetadataReader metadata)
    {
        var name = metadata.Text("Name");
        if (name.Length == 0)
        {
            return Path.GetFileNameWithoutExtension(item.ItemSpec.Replace('\\', '/'));
        }

        if (!PortableFileName.IsValid(name))
        {
            metadata.Add(DiagnosticCodes.MetadataValueUnknown, "Name", $"cannot be a file name. {PortableFileName.Advice}");
            return "invalid";
        }

        return name;
    }

    private static QuantizationMode Quantize(MetadataReader metadata) =>
        QuantizationModeNames.Parse(metadata.Choice("Quantize", ["none", "int8", "int8-weights", "int8-dynamic", "int4-weights", "int16", "fp16", "auto"]));

    private static int BlockSize(MetadataReader metadata)
    {
        const string Range = "16, 32, 64, 128 or 256 weights that share a scale";
        if (metadata.Number("BlockSize", 16, 256, Range) is not { } number)
        {
            return BlockOptions.Default.Size;
        }

        if (number == Math.Floor(number) && BlockOptions.IsPossible((int)number))
        {
            return (int)number;
        }

        metadata.Add(DiagnosticCodes.MetadataValueOutOfRange, "BlockSize", $"is out of range. Write {Range}");
        return BlockOptions.Default.Size;
    }

    private static CalibrationMethod CalibrationMethod(MetadataReader metadata) => metadata.Choice("CalibrationMethod", ["auto", "minmax", "percentile", "entropy", "mse"]) switch
    {
        "minmax" => Compression.Calibration.CalibrationMethod.MinMax,
        "percentile" => Compression.Calibration.CalibrationMethod.Percentile,
        "entropy" => Compression.Calibration.CalibrationMethod.Entropy,
        "mse" => Compression.Calibration.CalibrationMethod.Mse,
        _ => Compression.Calibration.CalibrationMethod.Auto,
    };

    private static Metric Metric(MetadataReader metadata) => metadata.Choice("Metric", ["auto", "top1", "top5", "agreement", "cosine", "ctc"]) switch
    {
        "top1" => Compression.Evaluation.Metric.Top1,
        "top5" => Compression.Evaluation.Metric.Top5,
        "agreement" => Compression.Evaluation.Metric.Agreement,
        "cosine" => Compression.Evaluation.Metric.Cosine,
        "ctc" => Compression.Evaluation.Metric.Ctc,
        _ => Compression.Evaluation.Metric.Auto,
    };

    private static Effort Effort(MetadataReader metadata) => metadata.Choice("Effort", ["balanced", "fast", "best"]) switch
    {
        "fast" => Compression.Passes.Effort.Fast,
        "best" => Compression.Passes.Effort.Best,
        _ => Compression.Passes.Effort.Balanced,
    };

    private static ModelFormat Format(MetadataReader metadata) => metadata.Choice("Format", ["qdq", "qoperator", "ort"]) switch
    {
        "qoperator" => ModelFormat.QOperator,
        "ort" => ModelFormat.Ort,
        _ => ModelFormat.Qdq,
    };

    private static string? Ranges(MetadataReader metadata, ModelFolders folders, List<ItemProblem> problems)
    {
        var text = metadata.Text("Ranges");
        if (text.Length == 0)
        {
            return null;
        }

        var path = folders.Resolve(text);
        if (!File.Exists(path))
        {
            problems.Add(new ItemProblem(DiagnosticCodes.RangesInvalid, path, $"The ranges file '{text}' does not exist. Check the path in the AiModel item, or remove Ranges to calibrate in the build."));
        }

        return path;
    }

    private static string? Keys(MetadataReader metadata, ModelFolders folders, List<ItemProblem> problems)
    {
        var text = metadata.Text("Keys");
        if (text.Length == 0)
        {
            return null;
        }

        var path = folders.Resolve(text);
        if (!File.Exists(path))
        {
            problems.Add(new ItemProblem(DiagnosticCodes.KeysInvalid, path, $"The Keys file '{text}' does not exist. Check the path in the AiModel item: it is the file with one character on each line that the recognizer was trained with."));
        }

        return path;
    }

    private static ImageOptions Images(MetadataReader metadata)
    {
        var layout = metadata.Choice("Layout", ["auto", "NCHW", "NHWC"]);
        return new ImageOptions
        {
            Mean = metadata.Numbers("Mean", positive: false),
            StandardDeviation = metadata.Numbers("Std", positive: true),
            Layout = layout == "auto" ? null : layout,
            Size = ImageSize.Parse(metadata),
            KeepsSize = ImageSize.IsOriginal(metadata),
        };
    }

    private static GateLimits Limits(MetadataReader metadata)
    {
        var maxSize = metadata.Text("MaxSize");
        SizeLimit? size = null;
        if (maxSize.Length > 0 && !SizeLimit.TryParse(maxSize, out size))
        {
            metadata.Add(DiagnosticCodes.MetadataValueUnknown, "MaxSize", "is not a size. Write bytes (1000), a unit (214KB, 1.5MB) or a percentage of the original (30%)");
        }

        return new GateLimits
        {
            MaxAccuracyDrop = metadata.Number("MaxAccuracyDrop", 0, 1, "a fraction from 0 to 1, such as 0.01 for one point of a hundred") ?? 0.01,
            MinSqnr = metadata.Number("MinSqnr", 0, 200, "decibels from 0 to 200, such as 35"),
            MaxSize = size,
            MaxLatencyRatio = metadata.Number("MaxLatencyRatio", 1e-3, 1e3, "compressed time / original time from 0.001 to 1000, such as 0.8"),
        };
    }

    private static string[] Paths(string[] list, ModelFolders folders)
    {
        for (var i = 0; i < list.Length; i++)
        {
            list[i] = folders.Resolve(list[i]);
        }

        return list;
    }
}
