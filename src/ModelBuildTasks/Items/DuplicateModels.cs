using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Diagnostics;

namespace ModelBuildTasks.Items;

/// <summary>Finds items that would write the same file, class or resource.</summary>
internal static class DuplicateModels
{
    /// <summary>Adds one problem per item that repeats an earlier one.</summary>
    /// <param name="items">The models.</param>
    /// <param name="variants">Their variants.</param>
    /// <param name="problems">Gets what clashes.</param>
    public static void Check(IReadOnlyList<ModelItem> items, IReadOnlyList<ModelItem> variants, List<ItemProblem> problems)
    {
        CheckOutputs(variants, problems);

        // File systems and some languages ignore case.
        for (var i = 1; i < items.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (Clash(items[i], items[j]) is { } clash)
                {
                    var files = $"'{items[j].Request.ModelPath}' and '{items[i].Request.ModelPath}'";
                    problems.Add(new ItemProblem(DiagnosticCodes.DuplicateName, null, $"The AiModel items {files} have the same {clash}. Give one of them another."));
                    break;
                }
            }
        }
    }

    // A model may be called like a variant of another one: digits.arm64.
    private static void CheckOutputs(IReadOnlyList<ModelItem> variants, List<ItemProblem> problems)
    {
        var outputs = new Dictionary<string, ModelItem>(StringComparer.OrdinalIgnoreCase);
        foreach (var variant in variants)
        {
            if (!outputs.TryAdd(variant.OutputName, variant) && !Same(outputs[variant.OutputName].Request.Name, variant.Request.Name))
            {
                problems.Add(new ItemProblem(
                    DiagnosticCodes.DuplicateName,
                    null,
                    $"The AiModel items '{outputs[variant.OutputName].Request.ModelPath}' and '{variant.Request.ModelPath}' would both write '{variant.OutputName}'. Give one of them another Name."));
            }
        }
    }

    private static string? Clash(ModelItem item, ModelItem earlier)
    {
        if (Same(item.Request.Name, earlier.Request.Name))
        {
            return $"Name \"{item.Request.Name}\"";
        }

        if (Same(item.Identifier, earlier.Identifier))
        {
            return $"class AiModels.{item.Identifier} in the accessor, made from their Name";
        }

        // Whether a resource is packed shows later, and its name then ends so.
        return Unpacked(item.LogicalName) == Unpacked(earlier.LogicalName) ? $"LogicalName \"{item.LogicalName}\"" : null;
    }

    private static string Unpacked(string logicalName) => logicalName.EndsWith(BrotliFile.Extension, StringComparison.Ordinal) ? logicalName[..^BrotliFile.Extension.Length] : logicalName;

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
