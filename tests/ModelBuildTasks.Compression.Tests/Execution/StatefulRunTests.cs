using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Execution;

[TestClass]
public sealed class StatefulRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_state_starts_as_zeros_and_is_carried_from_run_to_run()
    {
        using var session = Open(CounterModel.Create());
        var run = Stateful(session);

        CollectionAssert.AreEqual(new float[] { 10, 30, 60 }, new[] { Run(run, "a", 1), Run(run, "a", 2), Run(run, "a", 3) });
    }

    [TestMethod]
    public void A_state_starts_anew_with_each_series()
    {
        using var session = Open(CounterModel.Create());
        var run = Stateful(session);

        CollectionAssert.AreEqual(new float[] { 10, 30, 30, 10 }, new[] { Run(run, "a", 1), Run(run, "a", 2), Run(run, "b", 3), Run(run, "a", 1) });
    }

    [TestMethod]
    public void Two_runs_carry_states_of_their_own()
    {
        using var session = Open(CounterModel.Create());
        var (first, second) = (Stateful(session), Stateful(session));

        CollectionAssert.AreEqual(new float[] { 10, 50, 20 }, new[] { Run(first, "a", 1), Run(second, "a", 5), Run(first, "a", 1) });
    }

    [TestMethod]
    public void A_dynamic_dimension_is_as_long_as_its_name_is_in_the_given_inputs_and_else_one()
    {
        using var session = Open(CounterModel.Create());
        using var unnamed = Open(ModelBuilder.Create().Input("x", 3, 1).Input("h", DataType.Float, "n", 1).Node("Add", ["x", "h"], ["y"]).Node("Neg", ["h"], ["hn"]).Output("y", 3, 1).Output("hn", DataType.Float, "n", 1));
        var given = new Dictionary<string, ModelValue> { ["x"] = Singles([1, 2, 3], 3, 1) };

        CollectionAssert.AreEqual(new long[] { 3, 1 }, ((TensorValue)Stateful(session).Inputs("a", given)["state"]).Shape);
        CollectionAssert.AreEqual(new long[] { 1, 1 }, ((TensorValue)Stateful(unnamed).Inputs("a", given)["h"]).Shape);
    }

    [TestMethod]
    public void A_state_that_grows_starts_empty_with_each_sample()
    {
        using var session = Open(CounterModel.Growing());
        var run = Stateful(session);
        var inputs = new Dictionary<string, ModelValue> { ["x"] = Singles([1, 2, 3, 4, 5, 6], 1, 3, 2) };

        CollectionAssert.AreEqual(new float[] { 3, 3 }, new[] { Run(run, "a", inputs), Run(run, "a", inputs) });
    }

    [TestMethod]
    public void Without_states_the_given_inputs_are_all()
    {
        using var session = Open(CounterModel.Create());
        var given = new Dictionary<string, ModelValue> { ["x"] = Singles([1], 1, 1), ["state"] = Singles([4], 1, 1) };

        Assert.AreSame(given, new StatefulRun(session, []).Inputs("a", given));
    }

    [TestMethod]
    public void A_state_whose_size_the_model_does_not_take_is_the_runtimes_refusal()
    {
        // The added constant has three rows, so that no state of one row has a next value of one.
        using var session = Open(ModelBuilder.Create().Input("x", 1, 1).Input("h", DataType.Float, "n", 1).Constant("w", [1f, 2, 3], 1, 3).Node("MatMul", ["w", "h"], ["product"]).Node("Add", ["x", "product"], ["y"]).Node("Neg", ["h"], ["hn"]).Output("y").Output("hn", DataType.Float, "n", 1));

        var refused = Assert.ThrowsExactly<CompressionException>(() => Run(Stateful(session), "a", 1));

        Assert.AreEqual(DiagnosticCodes.ModelDoesNotRun, refused.Code);
    }

    private static StatefulRun Stateful(ModelSession session) => new(session, StatePairs.Of(session.Ports, new HashSet<string> { "x" }));

    private static float Run(StatefulRun run, string series, float x) => Run(run, series, new Dictionary<string, ModelValue> { ["x"] = Singles([x], 1, 1) });

    private static float Run(StatefulRun run, string series, Dictionary<string, ModelValue> given)
    {
        var result = float.NaN;
        run.Run(run.Inputs(series, given), (index, _, _, bytes) => result = index == 0 ? MemoryMarshal.Cast<byte, float>(bytes)[0] : result, CancellationToken.None);
        return result;
    }

    private static TensorValue Singles(float[] values, params long[] shape) => new(DataType.Float, shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    private ModelSession Open(ModelBuilder model) => ModelSession.Open(model.Save(folder, $"{Guid.NewGuid():N}.onnx"), new SessionSettings());
}
