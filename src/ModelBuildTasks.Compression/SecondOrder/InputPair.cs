namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>
/// Two inputs that are rounded together. For values r₁ and r₂ of an output the error is (f₁ · (t₁ − r₁))² + (f₂ · (t₂ + c · (w₁ − r₁) − r₂))²: what the first is off changes what is wanted of the second. A weight that is zero
/// stays zero, whatever is wanted of it.
/// </summary>
/// <param name="first">The index of the first input.</param>
/// <param name="second">The index of the second.</param>
/// <param name="weights">w₁: the weights of the first, one for each output.</param>
/// <param name="secondWeights">The weights of the second.</param>
/// <param name="firstTargets">t₁.</param>
/// <param name="secondTargets">t₂: what is wanted of the second while the first is as it was.</param>
/// <param name="factors">f₁, f₂ and c.</param>
internal readonly ref struct InputPair(int first, int second, ReadOnlySpan<double> weights, ReadOnlySpan<double> secondWeights, ReadOnlySpan<double> firstTargets, ReadOnlySpan<double> secondTargets, (double First, double Second, double Coupling) factors)
{
    public int First { get; } = first;

    public int Second { get; } = second;

    public ReadOnlySpan<double> Weights { get; } = weights;

    public ReadOnlySpan<double> SecondWeights { get; } = secondWeights;

    public ReadOnlySpan<double> FirstTargets { get; } = firstTargets;

    public ReadOnlySpan<double> SecondTargets { get; } = secondTargets;

    public (double First, double Second, double Coupling) Factors { get; } = factors;

    /// <summary>What is wanted of the first of an output's weights.</summary>
    public double FirstTarget(int output) => Weights[output] == 0 ? 0 : FirstTargets[output];

    /// <summary>What is wanted of the second of an output's weights, as the first has become.</summary>
    public double SecondTarget(int output, double restoredFirst) => SecondWeights[output] == 0 ? 0 : SecondTargets[output] + (Factors.Coupling * (Weights[output] - restoredFirst));

    /// <summary>The part of an output's error that the first makes: (f₁ · (t₁ − r₁))².</summary>
    public double FirstError(int output, double restoredFirst)
    {
        var error = Factors.First * (FirstTarget(output) - restoredFirst);
        return error * error;
    }

    /// <summary>The error of an output with both values.</summary>
    public double Error(int output, double restoredFirst, double restoredSecond)
    {
        var error = Factors.Second * (SecondTarget(output, restoredFirst) - restoredSecond);
        return FirstError(output, restoredFirst) + (error * error);
    }
}
