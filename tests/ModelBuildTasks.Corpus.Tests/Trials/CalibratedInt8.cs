using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Corpus.Tests.Models;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Corpus.Tests.Trials;

/// <summary>The whole way of a build with data but for the judgement: calibrated, weights rounded by what layers read, ranges refined.</summary>
internal static class CalibratedInt8
{
    /// <summary>As many as a refinement of ranges asks for.</summary>
    private const int SamplesOfTestData = 16;

    /// <summary>Models without test data are large ones.</summary>
    private const int SamplesOfMadeUpInputs = 1;

    /// <summary>By how much the first input of a sample is smaller than in the one before.</summary>
    private const float Step = 1f / 256;

    /// <summary>Compresses a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">What it runs on; more samples are made of them.</param>
    /// <param name="folder">Where results go.</param>
    public static (string Path, PassesOutcome Outcome) Write(CorpusModel model, IReadOnlyList<IReadOnlyDictionary<string, ModelValue>> inputs, string folder)
    {
        var count = model.DataSets.Count > 0 ? SamplesOfTestData : SamplesOfMadeUpInputs;
        var samples = new CorpusSamples([.. Enumerable.Range(0, count).Select(index => Smaller(inputs[index % inputs.Count], 1 - (index * Step)))]);
        var request = new CompressionRequest
        {
            ModelPath = model.Path,
            Name = "calibrated",
            OutputFolder = folder,
            CacheFolder = Path.Combine(folder, "calibrated"),
            Quantize = QuantizationMode.Int8,
            // Not read: the samples are here.
            Calibration = [model.Path],
        };
        var keys = CompressionKeys.Of(request, ContentHash.OfFile);
        var cache = new ResultCache(request.CacheFolder);
        using var work = WorkFolder.Create(cache.Folder);
        var outcome = CompressionRun.Run(request, keys, cache, new CompressionSamples(samples, [.. Enumerable.Range(0, count)], null, []), new SharedPreparation(work), new PhaseClock(null), CancellationToken.None);
        return (cache.Model(keys.Compression), outcome);
    }

    // The first input alone: others may be scales or bounds, which an operator wants as they are.
    private static Dictionary<string, ModelValue> Smaller(IReadOnlyDictionary<string, ModelValue> inputs, float factor) => inputs.ToDictionary(input => input.Key, input =>
    {
        if (input.Key != inputs.Keys.First() || input.Value is not TensorValue { Type: DataType.Float } tensor)
        {
            return input.Value;
        }

        var values = tensor.Singles.ToArray();
        TensorPrimitives.Multiply(values, factor, values);
        return tensor with { Bytes = MemoryMarshal.AsBytes(values.AsSpan()).ToArray() };
    });
}
