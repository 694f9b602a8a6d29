using ModelBuildTasks.Items;

namespace ModelBuildTasks.Accessor;

/// <summary>What the accessor tells about one variant of a model.</summary>
/// <param name="Place">The resource's name, or the file's place beside the application with slashes.</param>
/// <param name="Packing">How the resource is packed; null where it is the model as it is.</param>
/// <param name="Variant">"int8".</param>
/// <param name="Summary">The report in one line.</param>
/// <param name="Processors">For which processors it is chosen: "x64", "x64+vnni".</param>
internal sealed record AccessorVariant(string Place, PackedResource? Packing, string Variant, string Summary, IReadOnlyList<string> Processors);
