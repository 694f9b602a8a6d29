namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>The values that the weights of a matrix [inputs × outputs] may have. It remembers which it gave.</summary>
internal interface IRoundingGrid
{
    /// <summary>[inputs × outputs]: what is stored of each weight.</summary>
    sbyte[] Levels { get; }

    /// <summary>Gives each weight of one input the possible value nearest to what is wanted.</summary>
    /// <param name="input">The index of the input.</param>
    /// <param name="targets">What is wanted, one for each output.</param>
    /// <param name="restored">Gets the values.</param>
    void Round(int input, ReadOnlySpan<double> targets, Span<double> restored);
}
