using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Search;

/// <summary>Makes models of assignments and compares them with their original: several in one pass over the samples, which runs the original once.</summary>
/// <param name="searched">The model.</param>
/// <param name="samples">The set that judges here; none of the samples that judge the result.</param>
/// <param name="indices">Its samples.</param>
/// <param name="goal">What the accuracy is.</param>
internal sealed class TrialRun(SearchedModel searched, SampleSet samples, IReadOnlyList<int> indices, SearchGoal goal) : IDisposable
{
    private readonly ModelSession original = ModelSession.Open(searched.ModelPath, new SessionSettings());

    /// <summary>One comparison for each assignment.</summary>
    public IReadOnlyList<Comparison> Compare(IReadOnlyList<FormatAssignment> assignments, CancellationToken cancellationToken)
    {
        var sessions = new List<ModelSession>();
        try
        {
            foreach (var assignment in assignments)
            {
                cancellationToken.ThrowIfCancellationRequested();
                sessions.Add(Open(assignment, cancellationToken));
            }

            return ModelComparison.Compare(original, sessions, samples, indices, goal.Metric, goal.Keys, null, cancellationToken);
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }

    public void Dispose() => original.Dispose();

    private ModelSession Open(FormatAssignment assignment, CancellationToken cancellationToken)
    {
        var path = Path.Combine(searched.WorkFolder, "trial.onnx");
        using (var model = searched.Load())
        {
            new PostTrainingQuantization(assignment) { Rounder = searched.Rounder }.Apply(model, searched.Context with { CancellationToken = cancellationToken, Trace = null });
            model.Save(path);
        }

        // The runtime keeps a model in memory, and the next trial takes the file.
        return ModelSession.Open(path, new SessionSettings { PreciseProducts = !searched.Context.Device.PairBound, ReportedPath = searched.ModelPath });
    }
}
