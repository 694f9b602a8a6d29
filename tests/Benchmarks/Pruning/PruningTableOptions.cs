using System.Globalization;
using Benchmarks.Formats;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Pruning;

namespace Benchmarks.Pruning;

/// <summary>What a command line asks of a table of pruned models.</summary>
/// <param name="Models">Names of models.</param>
/// <param name="Methods">The methods to compare.</param>
/// <param name="Sparsities">What is asked of each: a share, or a pattern.</param>
/// <param name="Effort">How long methods may take.</param>
internal sealed record PruningTableOptions(IReadOnlyList<string> Models, IReadOnlyList<PruneMethod> Methods, IReadOnlyList<string> Sparsities, Effort Effort = Effort.Balanced)
{
    /// <exception cref="ArgumentException">An option or a model is none.</exception>
    public PruningTableOptions With(IEnumerable<string> arguments)
    {
        var (options, models, rest) = (this, new List<string>(), new Queue<string>(arguments));
        while (rest.TryDequeue(out var argument))
        {
            options = argument switch
            {
                "--methods" when rest.TryDequeue(out var methods) => options with { Methods = [.. methods.Split(',').Select(method => Enum.Parse<PruneMethod>(method, ignoreCase: true))] },
                "--sparsities" when rest.TryDequeue(out var sparsities) => options with { Sparsities = sparsities.Split(',') },
                "--effort" when rest.TryDequeue(out var effort) => options with { Effort = Enum.Parse<Effort>(effort, ignoreCase: true) },
                _ when BenchmarkModels.Has(argument) => options,
                _ => throw new ArgumentException($"'{argument}' is no model and no option, or lacks its value: --methods, --sparsities and --effort are options.", nameof(arguments)),
            };
            if (BenchmarkModels.Has(argument))
            {
                models.Add(argument);
            }
        }

        return models.Count > 0 ? options with { Models = models } : options;
    }

    /// <summary>The options of one cell of the table: "0.5" or "2:4".</summary>
    public static PruningOptions Pruning(string sparsity, PruneMethod method) => sparsity.Split(':') is [var kept, var group]
        ? PruningOptions.Of(new SparsityPattern(int.Parse(kept, CultureInfo.InvariantCulture), int.Parse(group, CultureInfo.InvariantCulture)), method)
        : new(double.Parse(sparsity, CultureInfo.InvariantCulture), method);
}
