using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Compression.Simplification;

namespace ModelBuildTasks.Compression;

/// <summary>What the steps of one compression share.</summary>
/// <param name="Request">What to make.</param>
/// <param name="Keys">Its keys; the one of the compression is held.</param>
/// <param name="Cache">Where earlier results are.</param>
/// <param name="Samples">What calibrates.</param>
/// <param name="Shared">What all variants of the model share.</param>
/// <param name="Folder">A folder for files that go afterwards.</param>
/// <param name="Clock">Times the phases.</param>
/// <param name="CancellationToken">Ends the work early.</param>
internal sealed record CompressionWork(
    CompressionRequest Request, CompressionKeys Keys, ResultCache Cache, CompressionSamples Samples, SharedPreparation Shared, WorkFolder Folder, PhaseClock Clock, CancellationToken CancellationToken)
{
    // A committed file is read for it: once, and not before the model is there.
    private readonly Lazy<bool> isEqualized = new(() => Equalizes(Request));

    /// <summary>Whether channels between layers are scaled.</summary>
    public bool IsEqualized => isEqualized.Value;

    private PreparedModel Prepared => new(Request.ModelPath, Shared.SimplifiedPath, Shared.Pruned?.Path, Folder.Path);

    /// <summary>The model as far as it is prepared: simplified, and pruned once that was done.</summary>
    public OnnxModel Load() => Prepared.Load();

    /// <summary>The model as passes get it, to load any number of times.</summary>
    public SearchedModel Searched(PassContext context) => new(Prepared, IsEqualized, context) { Rounder = PassChoice.Rounder(Request, NearestRounder.Instance) };

    private static bool Equalizes(CompressionRequest request)
    {
        if (request.Ranges is null || !PassChoice.Calibrates(request))
        {
            return PassChoice.Equalizes(request);
        }

        // A committed file without means is from before there was equalization: its ranges are those of the model as it was. One of an equalized model tells a pass in float16 nothing about another.
        var committed = ActivationRanges.Load(request.Ranges);
        return committed.Means.Count > 0 && (PassChoice.Equalizes(request) || committed.Equalized.Count > 0);
    }
}
