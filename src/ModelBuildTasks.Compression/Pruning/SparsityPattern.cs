namespace ModelBuildTasks.Compression.Pruning;

/// <summary>N:M sparsity: of every M neighbouring weights along the inputs of a layer, at most N are not zero.</summary>
/// <param name="Kept">N, from 1 to M − 1.</param>
/// <param name="Group">M, from 2.</param>
public sealed record SparsityPattern(int Kept, int Group)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Kept}:{Group}");
}
