using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class RangeCollectionTests
{
    // x → Mul by 2 → doubled → Relu → positive → Neg → y
    private static ModelBuilder Chain => ModelBuilder.Create()
        .Input("x", DataType.Float, "n", 2)
        .Constant("two", [2f])
        .Output("y", DataType.Float, "n", 2)
        .Node("Mul", ["x", "two"], ["doubled"])
        .Node("Relu", ["doubled"], ["positive"])
        .Node("Neg", ["positive"], ["y"]);

    [TestMethod]
    public void A_state_that_starts_empty_has_no_range_and_the_ranges_still_fit_the_model()
    {
        using var folder = new TemporaryFolder();
        var ports = new ModelPorts([Samples.Port("x", -1, -1, 2), Samples.Port("past_key_values.0.key", -1, -1, 2)], [Samples.Port("y", 1), Samples.Port("present.0.key", -1, -1, 2)]);
        using var model = CounterModel.Growing().Load(folder);
        var samples = SampleSet.Open([folder.Write("a.npz", Npy.Archive(("x", Npy.Array([1f, 2, 3, 4], 1, 2, 2))))], ports, new ImageOptions());

        var ranges = RangeCollector.Collect(model, samples, [0], CalibrationMethod.MinMax, null, CancellationToken.None);
        ranges.RequireFit(model, "model.ranges.json");

        Assert.IsFalse(ranges.Ranges.ContainsKey("past_key_values.0.key"));
        Assert.AreEqual(new ValueRange(2, 2), ranges.Ranges["y"]);
    }

    [TestMethod]
    public void States_are_carried_and_their_values_are_ranges_too()
    {
        using var folder = new TemporaryFolder();
        var ports = new ModelPorts([Samples.Port("x", -1, 1), Samples.Port("state", -1, 1)], [Samples.Port("y", -1, 1), Samples.Port("state_out", -1, 1)]);
        using var model = CounterModel.Create().Load(folder);
        var files = new[] { folder.Write("a.npz", Npy.Archive(("x", Npy.Array([1f, 2, 3], 3, 1)))), folder.Write("b.npz", Npy.Archive(("x", Npy.Array([-9f], 1, 1)))) };
        var samples = SampleSet.Open(files, ports, new ImageOptions());

        var ranges = RangeCollector.Collect(model, samples, [0, 1, 2, 3], CalibrationMethod.MinMax, null, CancellationToken.None).Ranges;

        // Sums 1, 3 and 6; the other file starts at zero again.
        Assert.AreEqual(new ValueRange(-9, 6), ranges["state_out"]);
        Assert.AreEqual(new ValueRange(0, 3), ranges["state"]);
        Assert.AreEqual(new ValueRange(-90, 60), ranges["y"]);
    }

    [TestMethod]
    public void Inputs_outputs_and_every_value_between_have_their_exact_range()
    {
        using var folder = new TemporaryFolder();
        using var model = Chain.Load(folder);
        var samples = Write(folder, [1, -3, 5, 2, 0.5f, 4], 3, 2);

        var ranges = RangeCollector.Collect(model, samples, [0, 1, 2], CalibrationMethod.MinMax, null, CancellationToken.None).Ranges;

        Assert.HasCount(4, ranges);
        Assert.AreEqual(new ValueRange(-3, 5), ranges["x"]);
        Assert.AreEqual(new ValueRange(-6, 10), ranges["doubled"]);
        Assert.AreEqual(new ValueRange(0, 10), ranges["positive"]);
        Assert.AreEqual(new ValueRange(-10, 0), ranges["y"]);
    }

    [TestMethod]
    public void Every_method_tells_a_range_of_every_value_and_the_ranges_say_which()
    {
        using var folder = new TemporaryFolder();
        using var model = Chain.Load(folder);
        var samples = Write(folder, [.. Enumerable.Range(0, 6000).Select(i => MathF.Sin(i) + (i == 77 ? 40 : 0))], 3000, 2);
        foreach (var method in Enum.GetValues<CalibrationMethod>())
        {
            var ranges = RangeCollector.Collect(model, samples, [.. Enumerable.Range(0, 3000)], method, null, CancellationToken.None);

            Assert.AreEqual(method, ranges.Method);
            Assert.AreEqual("doubled,positive,x,y", string.Join(",", ranges.Ranges.Keys.Order(StringComparer.Ordinal)));
            Assert.AreEqual(0, ranges.Ranges["positive"].Minimum);
        }
    }

    [TestMethod]
    public void Only_the_values_asked_for_and_the_inputs_and_outputs_of_the_model_have_a_range()
    {
        using var folder = new TemporaryFolder();
        using var model = Chain.Load(folder);
        var samples = Write(folder, [1, -3, 5, 2, 0.5f, 4], 3, 2);

        var ranges = RangeCollector.Collect(model, samples, [0, 1, 2], CalibrationMethod.MinMax, new HashSet<string> { "positive", "no such value" }, null, null, CancellationToken.None).Ranges;

        Assert.AreEqual("positive,x,y", string.Join(",", ranges.Keys.Order(StringComparer.Ordinal)));
        Assert.AreEqual(new ValueRange(0, 10), ranges["positive"]);
        Assert.AreEqual(new ValueRange(-10, 0), ranges["y"]);
    }

    [TestMethod]
    public void Ranks_are_those_of_values_whose_shape_the_model_does_not_tell()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create()
            .Input("x", DataType.Float, "n", 2)
            .Constant("shape", [1L, -1, 1], 3)
            .Inner("told", 1, 2)
            .Output("y")
            .Node("Neg", ["x"], ["told"])
            .Node("Reshape", ["told", "shape"], ["deep"])
            .Node("Neg", ["deep"], ["y"])
            .Load(folder);

        var ranges = RangeCollector.Collect(model, Write(folder, [1, 2, 3, 4], 2, 2), [0, 1], CalibrationMethod.MinMax, null, CancellationToken.None);

        Assert.AreEqual("deep 3, y 3", string.Join(", ", ranges.Ranks.OrderBy(rank => rank.Key, StringComparer.Ordinal).Select(rank => $"{rank.Key} {rank.Value}")));
    }

    [TestMethod]
    public void A_rank_that_differs_between_samples_is_not_known()
    {
        var observation = new RangeObservation(CalibrationMethod.MinMax);
        observation.Include([1], new long[2]);
        Assert.AreEqual(2, observation.Rank);

        observation.Include([1], new long[3]);
        Assert.IsNull(observation.Rank);

        observation.Include([1], new long[3]);
        Assert.IsNull(observation.Rank);
    }

    [TestMethod]
    public void A_value_that_is_read_in_blocks_has_the_range_of_all_of_them()
    {
        var values = new float[200_000];
        (values[3], values[70_000], values[199_999]) = (-5, 7, 9);
        var observation = new RangeObservation(CalibrationMethod.MinMax);

        observation.Include(values);
        Assert.AreEqual(new ValueRange(-5, 9), observation.Range);

        values[100] = float.NaN;
        observation.Include(values);
        Assert.IsFalse(observation.IsFinite);
        Assert.IsNull(observation.Range);
    }

    [TestMethod]
    public void A_nan_behind_values_that_are_not_observed_is_refused_with_its_origin()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create().Input("x", 1, 2).Output("y").Node("Log", ["x"], ["logarithm"], "the_log").Node("Relu", ["logarithm"], ["y"]).Load(folder);

        Samples.Refused(
            DiagnosticCodes.DataNotFinite,
            model.Path,
            "from sample 1: 'logarithm', written by Log 'the_log', reaches its output 'y'",
            () => RangeCollector.Collect(model, Write(folder, [1, 2, 3, -1], 2, 2), [0, 1], CalibrationMethod.MinMax, new HashSet<string>(), null, null, CancellationToken.None));
    }

    [TestMethod]
    public void Only_the_samples_asked_for_count()
    {
        using var folder = new TemporaryFolder();
        using var model = Chain.Load(folder);
        var samples = Write(folder, [1, -3, 5, 2, 0.5f, 4], 3, 2);

        var ranges = RangeCollector.Collect(model, samples, [0, 2], CalibrationMethod.MinMax, null, CancellationToken.None).Ranges;

        Assert.AreEqual(new ValueRange(-3, 4), ranges["x"]);
    }

    [TestMethod]
    public void The_model_is_the_same_afterwards_and_no_file_is_left()
    {
        using var folder = new TemporaryFolder();
        using var model = Chain.Load(folder);
        var before = model.Proto.Clone();
        var samples = Write(folder, [1, 2], 1, 2);
        var files = Directory.GetFileSystemEntries(folder.Path);

        RangeCollector.Collect(model, samples, [0], CalibrationMethod.MinMax, null, CancellationToken.None);

        Assert.AreEqual(before, model.Proto);
        CollectionAssert.AreEquivalent(files, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void Values_that_are_no_floats_constants_and_values_inside_subgraphs_have_no_range()
    {
        using var folder = new TemporaryFolder();
        var branch = (string operation) => ModelBuilder.Subgraph(builder => builder.Output($"r{operation}").Node(operation, ["x"], [$"i{operation}"]).Node("Abs", [$"i{operation}"], [$"r{operation}"]));
        using var model = ModelBuilder.Create()
            .Input("x", 1, 2)
            .Input("go", DataType.Bool, 1)
            .Output("y")
            .ConstantNode("three", TensorValues.Create("three", (float[])[3f]))
            .Node("Shape", ["x"], ["shape"])
            .Node("If", ["go"], ["chosen"], ("then_branch", branch("Neg")), ("else_branch", branch("Exp")))
            .Node("Reshape", ["chosen", "shape"], ["shaped"])
            .Node("Add", ["shaped", "three"], ["y"])
            .Load(folder);
        var path = folder.Write("data.npz", Npy.Archive(("x", Npy.Array([1f, -2f], 1, 2)), ("go", Npy.Array<bool>([true], 1))));
        var samples = Samples.Open(path, Samples.Port("x", 1, 2), new ModelPort("go", DataType.Bool, [1]));

        var ranges = RangeCollector.Collect(model, samples, [0], CalibrationMethod.MinMax, null, CancellationToken.None).Ranges;

        Assert.AreEqual("chosen,shaped,x,y", string.Join(",", ranges.Keys.Order(StringComparer.Ordinal)));
        Assert.AreEqual(new ValueRange(1, 2), ranges["chosen"]);
        Assert.AreEqual(new ValueRange(4, 5), ranges["y"]);
    }

    [TestMethod]
    public void A_tensor_without_elements_has_no_range()
    {
        using var folder = new TemporaryFolder();
        using var model = Chain.Constant("starts", [0L], 1).Constant("ends", [0L], 1).Node("Slice", ["x", "starts", "ends"], ["nothing"]).Load(folder);

        var ranges = RangeCollector.Collect(model, Write(folder, [1, 2], 1, 2), [0], CalibrationMethod.MinMax, null, CancellationToken.None).Ranges;

        Assert.DoesNotContain("nothing", ranges.Keys);
        Assert.HasCount(4, ranges);
    }

    [TestMethod]
    public void An_infinite_mask_that_reaches_no_output_only_has_no_range()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create()
            .Input("x", 1, 2)
            .Constant("mask", [0f, float.NegativeInfinity], 2)
            .Output("y")
            .Node("Add", ["x", "mask"], ["masked"])
            .Node("Softmax", ["masked"], ["y"])
            .Load(folder);

        var ranges = RangeCollector.Collect(model, Write(folder, [1, 2], 1, 2), [0], CalibrationMethod.MinMax, null, CancellationToken.None).Ranges;

        Assert.AreEqual("x,y", string.Join(",", ranges.Keys.Order(StringComparer.Ordinal)));
        Assert.AreEqual(new ValueRange(0, 1), ranges["y"]);
    }

    [TestMethod]
    public void A_nan_that_reaches_an_output_is_refused_with_its_origin_and_the_sample()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create()
            .Input("x", 1, 2)
            .Output("y")
            .Node("Log", ["x"], ["logarithm"], "the_log")
            .Node("Relu", ["x"], ["fine"])
            .Node("Add", ["fine", "logarithm"], ["y"])
            .Load(folder);
        var samples = Write(folder, [1, 2, 3, -1], 2, 2);

        Samples.Refused(
            DiagnosticCodes.DataNotFinite,
            model.Path,
            "from sample 1: 'logarithm', written by Log 'the_log', reaches its output 'y'",
            () => RangeCollector.Collect(model, samples, [0, 1], CalibrationMethod.MinMax, null, CancellationToken.None));
    }

    [TestMethod]
    public void A_model_that_does_not_run_is_refused_under_its_own_name()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create().Input("x", 1, 2).Output("y").Node("NoSuchOperator", ["x"], ["y"]).Load(folder, "digits.onnx");

        Samples.Refused(DiagnosticCodes.ModelDoesNotRun, model.Path, "NoSuchOperator", () => RangeCollector.Collect(model, Write(folder, [1, 2], 1, 2), [0], CalibrationMethod.MinMax, null, CancellationToken.None));
    }

    [TestMethod]
    public void Cancelling_ends_between_samples()
    {
        using var folder = new TemporaryFolder();
        using var model = Chain.Load(folder);
        var samples = Write(folder, new float[200], 100, 2);
        using var cancellation = new CancellationTokenSource();
        var progress = new Reported(fraction => { if (fraction >= 0.1) { cancellation.Cancel(); } });

        Assert.ThrowsExactly<OperationCanceledException>(() => RangeCollector.Collect(model, samples, [.. Enumerable.Range(0, 100)], CalibrationMethod.MinMax, progress, cancellation.Token));

        Assert.AreEqual(0.1, progress.Last);
    }

    [TestMethod]
    public void Progress_ends_at_one()
    {
        using var folder = new TemporaryFolder();
        using var model = Chain.Load(folder);
        var progress = new Reported(_ => { });

        RangeCollector.Collect(model, Write(folder, new float[6], 3, 2), [0, 1, 2], CalibrationMethod.MinMax, progress, CancellationToken.None);

        Assert.AreEqual(1.0, progress.Last);
    }

    private static SampleSet Write(TemporaryFolder folder, float[] values, params long[] shape) =>
        Samples.Open(folder.Write("data.npy", Npy.Array(values, shape)), Samples.Port("x", [-1, .. shape[1..]]));

    private sealed class Reported(Action<double> report) : IProgress<double>
    {
        public double Last { get; private set; }

        public void Report(double value)
        {
            Last = value;
            report(value);
        }
    }
}
