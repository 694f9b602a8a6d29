namespace ModelBuildTasks.Accessor;

/// <summary>What the accessor tells about a model.</summary>
/// <param name="Identifier">The class.</param>
/// <param name="FileName">The source model's file name.</param>
/// <param name="LogicalName">The resource.</param>
/// <param name="Variant">"int8".</param>
/// <param name="Summary">The report in one line.</param>
/// <param name="Inputs">In the model's order.</param>
/// <param name="Outputs">In the model's order.</param>
internal sealed record AccessorModel(
    string Identifier,
    string FileName,
    string LogicalName,
    string Variant,
    string Summary,
    IReadOnlyList<AccessorTensor> Inputs,
    IReadOnlyList<AccessorTensor> Outputs);
