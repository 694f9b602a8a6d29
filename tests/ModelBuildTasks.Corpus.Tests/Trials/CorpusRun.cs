using ModelBuildTasks.Corpus.Tests.Models;

namespace ModelBuildTasks.Corpus.Tests.Trials;

/// <summary>Takes every model of a corpus through the product and prints what became of it.</summary>
internal static class CorpusRun
{
    /// <summary>Prints the table of outcomes and each defect; one line a trial goes to standard error as it is done.</summary>
    /// <returns>The exit code: 1 where there is a defect.</returns>
    public static int Run(IReadOnlyList<string> folders)
    {
        var models = CorpusModel.Find(folders.Select(Path.GetFullPath));
        var outcomes = models.SelectMany(model => Outcomes(model, "")).ToList();
        var made = Directory.CreateTempSubdirectory("corpus-");
        try
        {
            outcomes.AddRange(models.Select(model => ConstantInputs.Write(model, made.FullName)).OfType<CorpusModel>().SelectMany(model => Outcomes(model, " (inputs made constant)")));
        }
        finally
        {
            made.Delete(recursive: true);
        }

        Print(models.Count, outcomes);
        return models.Count == 0 || outcomes.Any(each => each.Outcome.Kind == OutcomeKind.Defect) ? 1 : 0;
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

    private static (string Trial, CorpusModel Model, Outcome Outcome)[] Outcomes(CorpusModel model, string variant)
    {
        var folder = Directory.CreateTempSubdirectory("corpus-");
        try
        {
            var trial = new CorpusTrial(model, folder.FullName);
            (string Trial, CorpusModel Model, Outcome Outcome)[] outcomes =
            [
                ("load, save, load" + variant, model, trial.RoundTrip()),
                ("int8-weights" + variant, model, trial.Weights()),
                ("int8" + variant, model, trial.Static()),
            ];
            foreach (var (name, _, outcome) in outcomes)
            {
                Console.Error.WriteLine($"{model.Name}\t{(trial.IsCompared ? "compared" : "not compared")}\t{name}\t{outcome.Kind}\t{outcome.Reason}\t{outcome.Detail}");
            }

            return outcomes;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
