using ModelBuildTasks.Corpus.Tests.Models;

namespace ModelBuildTasks.Corpus.Tests.Trials;

/// <summary>Takes every model of a corpus through the product and prints what became of it.</summary>
internal static class CorpusRun
{
    private const string ConstantVariant = " (inputs made constant)";

    /// <summary>Prints the table of outcomes and each defect; one line a trial goes to standard error as it is done.</summary>
    /// <returns>The exit code: 1 where there is a defect.</returns>
    public static int Run()
    {
        var models = CorpusModel.Find([Corpus.Folder]);
        var outcomes = new (string Trial, CorpusModel Model, Outcome Outcome)[models.Count][];
        Parallel.For(0, models.Count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, index =>
        {
            outcomes[index] = [.. Outcomes(models[index]).Select(each => (each.Trial, models[index], each.Outcome))];
            Console.Error.Write(string.Concat(outcomes[index].Select(each => $"{each.Model.Name}\t{each.Trial}\t{each.Outcome.Kind}\t{each.Outcome.Reason}\t{each.Outcome.Detail}\n")));
        });
        var all = outcomes.SelectMany(each => each).ToList();
        Print(models.Count, all);
        return models.Count == 0 || all.Any(each => each.Outcome.Kind == OutcomeKind.Defect) ? 1 : 0;
    }

    /// <summary>Every trial of a model, and of the model with its inputs made constant where that makes layers.</summary>
    public static IReadOnlyList<(string Trial, Outcome Outcome)> Outcomes(CorpusModel model)
    {
        var folder = Directory.CreateTempSubdirectory("corpus-").FullName;
        try
        {
            var outcomes = Outcomes(model, Path.Combine(folder, "trial"), "");
            return ConstantInputs.Write(model, folder) is { } constant ? [.. outcomes, .. Outcomes(constant, Path.Combine(folder, "constant"), ConstantVariant)] : outcomes;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(int models, List<(string Trial, CorpusModel Model, Outcome Outcome)> outcomes)
    {
        Console.WriteLine($"{models} models");
        Console.WriteLine();
        Console.WriteLine("| trial | outcome | reason | models |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var group in outcomes.GroupBy(each => (each.Trial, each.Outcome.Kind, each.Outcome.Reason)).OrderBy(group => group.Key.Trial, StringComparer.Ordinal).ThenBy(group => group.Key.Kind).ThenByDescending(group => group.Count()))
        {
            Console.WriteLine($"| {group.Key.Trial} | {group.Key.Kind.ToString().ToLowerInvariant()} | {group.Key.Reason} | {group.Count()} |");
        }

        var defects = outcomes.Where(each => each.Outcome.Kind == OutcomeKind.Defect).ToArray();
        Console.WriteLine();
        Console.WriteLine($"{defects.Length} defects");
        foreach (var (trial, model, outcome) in defects)
        {
            Console.WriteLine($"- {model.Name}, {trial}: {outcome.Reason}: {outcome.Detail}");
        }
    }

    private static (string Trial, Outcome Outcome)[] Outcomes(CorpusModel model, string folder, string variant)
    {
        var trial = new CorpusTrial(model, Directory.CreateDirectory(folder).FullName);
        return
        [
            ("original" + variant, trial.Original()),
            ("load, save, load" + variant, trial.RoundTrip()),
            ("simplified" + variant, trial.Simplified()),
            ("int8-weights" + variant, trial.Weights()),
            ("int8" + variant, trial.Static()),
            ("int8 with data" + variant, trial.Calibrated()),
            ("float16" + variant, trial.Half()),
            ("ort" + variant, trial.Ort()),
            ("observed ranges" + variant, trial.Observed()),
        ];
    }
}
