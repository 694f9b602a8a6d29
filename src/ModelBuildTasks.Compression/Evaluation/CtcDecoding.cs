using System.Text;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>
/// Reads text from the scores of each step of time. Source: Graves, Fernández, Gomez and Schmidhuber, "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with Recurrent Neural
/// Networks", ICML 2006, section 3.2, best path decoding: the best class of each step, repeated classes once, without blanks.
/// </summary>
internal static class CtcDecoding
{
    /// <summary>The text of the best path.</summary>
    /// <param name="scores">Steps × classes, row-major. The greatest score of a step wins, the lower class among equal ones; a step of NaN alone is a blank.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="keys">What they stand for; class 0 is the blank.</param>
    public static string Read(ReadOnlySpan<float> scores, int classes, TextKeys keys)
    {
        var text = new StringBuilder();
        var last = 0;
        for (var start = 0; start + classes <= scores.Length; start += classes)
        {
            var best = Math.Max(0, ClassScores.Best(scores.Slice(start, classes)));
            if (best != last)
            {
                text.Append(keys.Of(best));
            }

            last = best;
        }

        return text.ToString();
    }
}
