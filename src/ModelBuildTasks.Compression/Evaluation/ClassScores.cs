namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>Choosing classes from scores. Equal scores go to the lower class; NaN is no score.</summary>
internal static class ClassScores
{
    /// <summary>Whether the output of one sample holds a score for each of two or more classes: [1, classes] or [1, classes, 1, 1].</summary>
    public static bool HasShape(ReadOnlySpan<long> shape) => shape is [1, >= 2] or [1, >= 2, 1, 1];

    /// <summary>The class with the highest score; −1 where no score is a number.</summary>
    public static int Best(ReadOnlySpan<float> scores)
    {
        var best = -1;
        for (var i = 0; i < scores.Length; i++)
        {
            if (!float.IsNaN(scores[i]) && (best < 0 || scores[i] > scores[best]))
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Whether fewer than <paramref name="count"/> classes come before <paramref name="label"/>.</summary>
    public static bool IsAmongBest(ReadOnlySpan<float> scores, int label, int count)
    {
        var score = scores[label];
        if (float.IsNaN(score))
        {
            return false;
        }

        var before = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] > score || (scores[i] == score && i < label))
            {
                before++;
            }
        }

        return before < count;
    }
}
