namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>The characters that two models misread in the same lines, as far as the interval of their difference needs them; its size does not depend on the number of lines.</summary>
/// <param name="Lines">How many lines there are.</param>
/// <param name="Length">Characters in all lines: Σ length.</param>
/// <param name="Lost">Characters that lines have more wrong after than before.</param>
/// <param name="Gained">Characters that lines have more wrong before than after.</param>
/// <param name="Squares">Σ difference², where the difference of a line is its errors after − its errors before.</param>
/// <param name="LengthSquares">Σ length².</param>
/// <param name="Products">Σ difference · length.</param>
internal readonly record struct PairedErrors(int Lines, long Length, long Lost, long Gained, long Squares, long LengthSquares, long Products)
{
    /// <summary>The same with one more line.</summary>
    /// <param name="length">Its characters.</param>
    /// <param name="before">Those the original misreads, by edit distance; may exceed the length.</param>
    /// <param name="after">Those the compressed model misreads.</param>
    public PairedErrors With(int length, int before, int after)
    {
        long difference = after - before;
        return new(
            Lines + 1,
            Length + length,
            Lost + Math.Max(0, difference),
            Gained + Math.Max(0, -difference),
            Squares + (difference * difference),
            LengthSquares + ((long)length * length),
            Products + (difference * length));
    }
}
