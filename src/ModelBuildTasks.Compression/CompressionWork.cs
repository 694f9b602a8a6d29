using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Compression.Simplification;

namespace ModelBuildTasks.Compression;

/// <summary>What the steps of one compression share.</summary>
/// <param name="Request">What to make.</param>
/// <param name="Keys">Its keys; the one of the compression is held.</param>
/// <param name="Cache">Where earlier results are.</param>
/// <param name="Samples">What calibrates.</param>
/// <param name="Shared">A folder that all variants of the model use: the simplified model lies there.</param>
/// <param name="Folder">A folder for files that go afterwards.</param>
/// <param name="Clock">Times the phases.</param>
/// <param name="CancellationToken">Ends the work early.</param>
internal sealed record CompressionWork(
    CompressionRequest Request, CompressionKeys Keys, ResultCache Cache, CompressionSamples Samples, WorkFolder Shared, WorkFolder Folder, PhaseClock Clock, CancellationToken CancellationToken)
{
    /// <summary>Whether channels between layers are scaled.</summary>
    public bool IsEqualized
    {
        get
        {
            if (Request.Ranges is null || !PassChoice.Calibrates(Request))
            {
                return PassChoice.Equalizes(Request);
            }

            // A committed file without means is from before there was equalization: its ranges are those of the model as it was. One of an equalized model tells a pass in float16 nothing about another.
            var committed = ActivationRanges.Load(Request.Ranges);
            return committed.Means.Count > 0 && (PassChoice.Equalizes(Request) || committed.Equalized.Count > 0);
        }
    }

    private string SimplifiedPath => Path.Combine(Shared.Path, "simplified.onnx");

    /// <summary>The simplified model.</summary>
    public OnnxModel Load() => RuntimeSimplification.Load(Request.ModelPath, Folder.Path, SimplifiedPath);

    /// <summary>The model as passes get it, to load any number of times.</summary>
    public SearchedModel Searched(PassContext context) => new(Request.ModelPath, SimplifiedPath, Folder.Path, IsEqualized, context);
}
