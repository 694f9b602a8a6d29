namespace ModelBuildTasks.Accessor;

/// <summary>What the accessor tells about a model.</summary>
/// <param name="Identifier">The class.</param>
/// <param name="IsFile">Whether the model lies beside the application instead of in the assembly.</param>
/// <param name="Variants">At least one; the first is for processors that none of them names.</param>
/// <param name="Inputs">In the model's order.</param>
/// <param name="Outputs">In the model's order.</param>
internal sealed record AccessorModel(
    string Identifier,
    bool IsFile,
    IReadOnlyList<AccessorVariant> Variants,
    IReadOnlyList<AccessorTensor> Inputs,
    IReadOnlyList<AccessorTensor> Outputs)
{
    /// <summary>Whether any variant is a packed resource.</summary>
    public bool IsPacked => Variants.Any(variant => variant.Packing is not null);
}
