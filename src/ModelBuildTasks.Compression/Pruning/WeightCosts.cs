namespace ModelBuildTasks.Compression.Pruning;

/// <summary>What each weight of a tensor costs if it goes.</summary>
internal abstract class WeightCosts
{
    /// <summary>Is given one part after the other.</summary>
    public delegate void Visitor(ReadOnlySpan<float> costs);

    /// <summary>Goes through all of them in order, in parts, so that they need not be in memory.</summary>
    public abstract void Visit(Visitor visitor);
}
