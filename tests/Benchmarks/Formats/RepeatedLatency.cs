using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;

namespace Benchmarks.Formats;

/// <summary>How much faster models are than their original, on a machine that is never quiet: runs of both in turns, rounds of that for one model after the other, and for each the median of its rounds.</summary>
internal static class RepeatedLatency
{
    private const int Rounds = 7;

    /// <summary>Original / compressed time of each model, one thread, all optimizations.</summary>
    public static double[] Speedups(string original, IReadOnlyList<string> compressed, SampleSet samples, Sample sample)
    {
        using var originalSession = ModelSession.Open(original, new SessionSettings());
        var sessions = new List<ModelSession>();
        try
        {
            sessions.AddRange(compressed.Select(path => ModelSession.Open(path, new SessionSettings())));
            var rounds = sessions.ConvertAll(_ => new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                for (var model = 0; model < sessions.Count; model++)
                {
                    rounds[model].Add(1 / LatencyComparison.Measure(originalSession, sessions[model], sample, samples.States, CancellationToken.None).Ratio);
                }
            }

            return [.. rounds.Select(ratios => ratios.Order().ElementAt(Rounds / 2))];
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }
}
