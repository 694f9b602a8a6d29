using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Diagnostics;

namespace ModelBuildTasks.Tests;

/// <summary>What a failed gate says of what led to it.</summary>
[TestClass]
public sealed class GateFailureTests
{
    [TestMethod]
    public void It_names_the_three_layers_that_cost_most() => Assert.Contains(
        "None of 7 trials of the search met it; most of the expected error comes from 'a' (int8), 'b' (int8-weights), 'c' (int8). Keep these float",
        Message(new SearchReport("latency", false, 7, 16, 20, 0, [new("a", "int8", 21), new("b", "int8-weights", 22.5), new("c", "int8", 30), new("d", "int8", 31), new("e", "float", null)])));

    [TestMethod]
    public void A_search_that_met_it_on_its_own_samples_says_so() => Assert.Contains("The search met it on its own samples; most of", Message(new SearchReport("size", true, 7, 16, 41, 0, [new("a", "int8", 21)])));

    [TestMethod]
    public void Where_there_was_no_layer_to_choose_a_format_for_it_names_none() => Assert.Contains(
        "None of 1 trials of the search met it, which found no layer to choose a format for. Add calibration samples",
        Message(new SearchReport("latency", false, 1, 16, 20, 0, [])));

    [TestMethod]
    public void Of_a_model_that_lost_weights_and_shares_values_both_come_first() => Assert.Contains(
        "Lower Prune or raise Share, add calibration samples, or lower MinSqnr.",
        Message(Report with { Pruning = new PruningReport("obs", "0.5", 100, 100, 0.5), Sharing = new SharingReport(16, null, 3) }));

    [TestMethod]
    public void Of_a_model_that_shares_values_alone_it_asks_for_more_of_them() => Assert.Contains("Raise Share, add calibration samples", Message(Report with { Sharing = new SharingReport(16, null, 3) }));

    private static CompressionReport Report { get; } = new() { Model = "m.onnx", Variant = "int8", Device = "cpu", ToolVersion = "1", OriginalBytes = 4, CompressedBytes = 1, PackedBytes = 1, SqnrDb = 20 };

    private static string Message(SearchReport search) => Message(Report with { Search = search });

    private static string Message(CompressionReport report) => GateFailure.Describe(report, new GateReport(GateNames.MinSqnr, 40, 20, false)).Message;
}
