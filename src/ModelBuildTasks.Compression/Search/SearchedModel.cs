using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Smoothing;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Simplification;

namespace ModelBuildTasks.Compression.Search;

/// <summary>The model of a search: it is loaded anew for each trial, as passes edit it.</summary>
/// <param name="Prepared">What it is loaded from.</param>
/// <param name="IsEqualized">Whether channels between layers are scaled before its ranges are told.</param>
/// <param name="Context">What passes know, with ranges.</param>
internal sealed record SearchedModel(PreparedModel Prepared, bool IsEqualized, PassContext Context)
{
    /// <summary>Rounds the weights of trials.</summary>
    public IWeightRounder Rounder { get; init; } = NearestRounder.Instance;

    /// <summary>The original.</summary>
    public string ModelPath => Prepared.ModelPath;

    /// <summary>A folder for files of the search.</summary>
    public string WorkFolder => Prepared.WorkFolder;

    /// <summary>The ranges of its activations.</summary>
    public ActivationRanges Ranges => Context.Ranges ?? throw new InvalidOperationException("A search needs the ranges of the activations.");

    /// <summary>The model as passes get it.</summary>
    public OnnxModel Load()
    {
        var model = Prepared.Load();
        if (IsEqualized)
        {
            CrossLayerEqualization.Apply(model);
        }

        if (Context.Ranges is { } observed)
        {
            SmoothQuant.Apply(model, observed.Smoothed);
        }

        return model;
    }
}
