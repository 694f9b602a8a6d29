using Microsoft.ML.OnnxRuntime;

namespace DigitReader;

/// <summary>Reads digits with the embedded network. Owns the session.</summary>
internal sealed class DigitClassifier(InferenceSession session) : IDisposable
{
    private static readonly long[] shape = [1, 1, DigitPicture.Size, DigitPicture.Size];

    public Reading Read(DigitPicture picture)
    {
        using var image = OrtValue.CreateTensorValueFromMemory(picture.Pixels, shape);
        using var options = new RunOptions();
        using var outputs = session.Run(options, session.InputNames, [image], session.OutputNames);
        return MostLikely(outputs[0].GetTensorDataAsSpan<float>());
    }

    public void Dispose() => session.Dispose();

    private static Reading MostLikely(ReadOnlySpan<float> logits)
    {
        var digit = 0;
        for (var candidate = 1; candidate < logits.Length; candidate++)
        {
            if (logits[candidate] > logits[digit])
            {
                digit = candidate;
            }
        }

        // Softmax of the largest: its own exponent is exp(0), so that nothing overflows.
        var sum = 0f;
        foreach (var logit in logits)
        {
            sum += MathF.Exp(logit - logits[digit]);
        }

        return new Reading(digit, 1 / sum);
    }
}
