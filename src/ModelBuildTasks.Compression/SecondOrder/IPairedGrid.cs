namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>A grid whose values are bound in pairs of inputs, which are rounded together.</summary>
internal interface IPairedGrid : IRoundingGrid
{
    /// <summary>The input whose weights are bound together with those of another; null where none is.</summary>
    int? Partner(int input);

    /// <summary>Gives each output the value nearest to what is wanted of the first and then that of the second; where the two are not possible together, the possible ones with the least <see cref="InputPair"/> error.</summary>
    /// <param name="pair">The two inputs, and what is wanted.</param>
    /// <param name="restoredFirst">Gets the values of the first.</param>
    /// <param name="restoredSecond">Gets the values of the second.</param>
    void Round(InputPair pair, Span<double> restoredFirst, Span<double> restoredSecond);
}
