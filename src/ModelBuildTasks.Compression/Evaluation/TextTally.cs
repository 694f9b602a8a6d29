using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>Counts the characters and lines that two text recognizers read right; its size does not depend on the number of lines. Without labels, right is what the original reads.</summary>
/// <param name="keys">What the classes stand for.</param>
/// <param name="output">The output that holds their scores.</param>
internal sealed class TextTally(TextKeys keys, int output)
{
    private PairedErrors errors;
    private long originalErrors;
    private long compressedErrors;
    private int originalLines;
    private int compressedLines;
    private bool isLabelled;

    /// <summary>The output that it reads.</summary>
    public int Output => output;

    /// <summary>Reads one line with both models.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="original">What the original answered.</param>
    /// <param name="compressed">What the compressed model answered.</param>
    /// <param name="isLost">Whether the compressed answer cannot be used: then nothing was read.</param>
    public void Add(Sample sample, RunOutputs original, RunOutputs compressed, bool isLost)
    {
        var read = Read(original);
        var readAfter = isLost ? "" : Read(compressed);
        isLabelled = sample.Text is not null;
        var right = sample.Text?.Trim() ?? read;
        var (before, after) = (EditDistance.Between(right, read), EditDistance.Between(right, readAfter));
        errors = errors.With(EditDistance.Length(right), before, after);
        originalErrors += before;
        compressedErrors += after;
        originalLines += before == 0 ? 1 : 0;
        compressedLines += after == 0 ? 1 : 0;
    }

    /// <summary>The share of characters read right.</summary>
    public MetricReport Report()
    {
        // More errors than characters are no worse than reading nothing; texts without a character make one error the whole.
        var length = Math.Max(1, errors.Length);
        var (before, after) = (Math.Min(originalErrors, length), Math.Min(compressedErrors, length));
        var (low, high) = PairedInterval.OfErrors(errors);
        // Divided once, as with the shares of right classes.
        return new MetricReport("ctc", errors.Lines, (double)(length - before) / length, (double)(length - after) / length, (double)(after - before) / length, [isLabelled ? low : Math.Max(0, low), high]);
    }

    /// <summary>The share of lines read right.</summary>
    public LinesReport Lines() => new((double)originalLines / errors.Lines, (double)compressedLines / errors.Lines, isLabelled);

    // The first text of a batch stands for the sample, as the first row of class scores does.
    private string Read(RunOutputs outputs)
    {
        var shape = outputs.Shape(output);
        var classes = checked((int)shape[2]);
        // A margin of the picture is read as a space or not, and is no part of the text.
        return CtcDecoding.Read(outputs.Values(output)[..(CtcOutput.Steps(shape) * classes)], classes, keys).Trim();
    }
}
