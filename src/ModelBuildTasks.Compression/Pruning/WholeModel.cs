using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Pruning.Structured;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>A model as it was before parts of it went: to try on copies of it what that does to the outputs, and to fit what is left to it.</summary>
internal sealed class WholeModel : IDisposable
{
    private readonly OnnxModel model;
    private readonly PruningContext context;
    private readonly string folder = Directory.CreateTempSubdirectory("ModelBuildTasks.").FullName;
    private OutputNoise? noise;

    /// <param name="model">The model, not edited yet.</param>
    /// <param name="context">What is known beside it.</param>
    public WholeModel(OnnxModel model, PruningContext context)
    {
        (this.model, this.context) = (model, context);
        model.SaveOfAnySize(Path);
    }

    private string Path => System.IO.Path.Combine(folder, "whole.onnx");

    /// <summary>Another load of it.</summary>
    public OnnxModel Load() => OnnxModel.Load(Path, model.Path, folder);

    /// <summary>The noise at the outputs that an edit makes, on samples; 0 where there are none.</summary>
    /// <param name="edit">Edits a load of it.</param>
    public double Noise(Action<OnnxModel> edit)
    {
        if (context.Samples is not { } samples)
        {
            return 0;
        }

        context.CancellationToken.ThrowIfCancellationRequested();
        using var trial = Load();
        noise ??= OutputNoise.Of(trial, samples, context.CancellationToken);
        edit(trial);
        return noise.Measure(trial, context.CancellationToken);
    }

    /// <summary>Fits the layers of the model, which was pruned since, to what they gave.</summary>
    /// <param name="effort">How much work it may be.</param>
    /// <param name="indices">The samples.</param>
    /// <param name="kept">The output channels that are left of each layer that computes something else.</param>
    /// <param name="start">The share of all work that is done.</param>
    /// <returns>The SQNR of layers' outputs afterwards, by their names.</returns>
    public IReadOnlyDictionary<string, double> Fit(RoundingEffort effort, IReadOnlyList<int> indices, IReadOnlyDictionary<string, int[]> kept, double start)
    {
        if (context.Samples is not { } samples || kept.Count == 0)
        {
            return new Dictionary<string, double>();
        }

        using var whole = Load();
        return new Reconstruction(whole, model, samples.Set, indices, effort, context.CancellationToken).Run(
            kept.GetValueOrDefault,
            (done, count, name, decibels) => context.Progress.Report(new PhaseProgress(start + ((1 - start) * done / count), FormattableString.Invariant($"{done}/{count} {name}: {decibels:0.0} dB"))));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
