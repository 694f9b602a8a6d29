using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>One way to take elements out of one weight. By itself it goes by magnitudes alone.</summary>
/// <param name="weight">The weight.</param>
/// <param name="pattern">Where zeros may lie; null for anywhere.</param>
/// <param name="costs">What its elements cost where that is known, with the pattern; else null.</param>
internal class WeightPruner(PrunableWeight weight, PatternLayout? pattern, float[]? costs = null)
{
    private float[]? costs = costs;

    /// <summary>What each element costs if it goes, in the weight's order; those that the pattern keeps cost infinitely much.</summary>
    public float[] Costs => costs ??= FindCosts();

    /// <summary>The weight.</summary>
    protected PrunableWeight Weight => weight;

    /// <summary>Where zeros may lie; null for anywhere.</summary>
    protected PatternLayout? Pattern => pattern;

    /// <summary>The weight without those of its elements that cost least.</summary>
    /// <param name="count">How many go.</param>
    public PrunedWeight Prune(long count)
    {
        var values = Values();
        var threshold = MagnitudeSelection.Of(Costs, count);
        var ties = threshold.Ties;
        MagnitudeMask.ZeroBelow(values, Costs, threshold, ref ties);
        return Compensate(values);
    }

    /// <summary>What the elements cost together that cost least.</summary>
    /// <param name="count">How many go.</param>
    public double CostOf(long count)
    {
        var (threshold, sum) = (MagnitudeSelection.Of(Costs, count), 0.0);
        foreach (var cost in Costs)
        {
            sum += cost < threshold.Value ? cost : 0;
        }

        return sum + (threshold.Ties * (double)threshold.Value);
    }

    /// <summary>What each element costs, whatever the pattern.</summary>
    protected virtual float[] OwnCosts()
    {
        var own = Values();
        foreach (ref var value in own.AsSpan())
        {
            value = value * value;
        }

        return own;
    }

    /// <summary>Lets what is left make up for what went.</summary>
    /// <param name="values">The weight with zeros.</param>
    protected virtual PrunedWeight Compensate(float[] values) => new(values, 0, 0);

    /// <summary>The weight as it is.</summary>
    protected float[] Values()
    {
        var reader = new SinglesReader(weight.Weight.Tensor);
        var values = new float[reader.Count];
        foreach (var (start, count) in reader.Parts())
        {
            reader.Read(start, count).CopyTo(values.AsSpan((int)start));
        }

        return values;
    }

    /// <summary>The costs with the pattern.</summary>
    protected virtual float[] FindCosts()
    {
        var found = OwnCosts();
        pattern?.Keep(found);
        return found;
    }
}
