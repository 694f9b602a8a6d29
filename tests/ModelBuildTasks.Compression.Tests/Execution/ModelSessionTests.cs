using System.Runtime.InteropServices;
using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Execution;

[TestClass]
public sealed class ModelSessionTests
{
    private static ModelBuilder Unknown => ModelBuilder.Create().Input("x", 1, 2).Output("y").Node("NoSuchOperator", ["x"], ["y"]);

    private static ModelBuilder Negation => ModelBuilder.Create().Input("x", DataType.Float, "n", 2).Output("y", DataType.Float, "n", 2).Node("Neg", ["x"], ["y"]);

    [TestMethod]
    public void Ports_tell_names_types_and_dynamic_dimensions_in_the_models_order()
    {
        using var folder = new TemporaryFolder();
        var model = ModelBuilder.Create()
            .Input("z", DataType.Float, "n", 3, "m")
            .Input("a", DataType.Int64, 4)
            .Output("y", DataType.Float, "n", 3, "m")
            .Output("b", DataType.Int64, 4)
            .Node("Relu", ["z"], ["y"])
            .Node("Neg", ["a"], ["b"]);

        using var session = Open(model, folder);

        Assert.AreEqual("z,a", string.Join(",", session.Inputs.Select(port => port.Name)));
        Assert.AreEqual("y,b", string.Join(",", session.Outputs.Select(port => port.Name)));
        Assert.AreEqual(DataType.Float, session.Inputs[0].Type);
        Assert.AreEqual(DataType.Int64, session.Inputs[1].Type);
        CollectionAssert.AreEqual(new long[] { -1, 3, -1 }, session.Inputs[0].Shape);
        CollectionAssert.AreEqual(new long[] { 4 }, session.Outputs[1].Shape);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void A_dynamic_axis_takes_any_length_and_the_reader_is_told_the_shape_of_the_run(int rows)
    {
        using var folder = new TemporaryFolder();
        using var session = Open(Negation, folder);
        var input = Enumerable.Range(1, rows * 2).Select(value => (float)value).ToArray();

        var (shape, output) = RunOne(session, "x", Singles(input, rows, 2));

        CollectionAssert.AreEqual(new long[] { rows, 2 }, shape);
        CollectionAssert.AreEqual(input.Select(value => -value).ToArray(), output);
    }

    [TestMethod]
    public void Where_an_input_lies_in_memory_does_not_change_the_bits_of_the_outputs()
    {
        using var folder = new TemporaryFolder();
        using var session = Open(ModelBuilder.Create().Input("x", 5, 77).Output("y").Node("ReduceMean", ["x"], ["y"], ("axes", new[] { 1 }), ("keepdims", 0)), folder);
        var random = new Random(5);
        var bytes = MemoryMarshal.AsBytes<float>([.. Enumerable.Range(0, 5 * 77).Select(_ => random.NextSingle())]).ToArray();

        var results = Enumerable.Range(0, 16).Select(place =>
        {
            var memory = new byte[bytes.Length + 64];
            bytes.CopyTo(memory, place * sizeof(float));
            return RunOne(session, "x", new TensorValue(DataType.Float, [5, 77], memory.AsMemory(place * sizeof(float), bytes.Length))).Item2;
        }).ToArray();

        foreach (var result in results)
        {
            CollectionAssert.AreEqual(results[0], result);
        }
    }

    [TestMethod]
    public void An_input_without_elements_runs()
    {
        using var folder = new TemporaryFolder();
        using var session = Open(Negation, folder);

        var (shape, output) = RunOne(session, "x", Singles([], 0, 2));

        CollectionAssert.AreEqual(new long[] { 0, 2 }, shape);
        Assert.IsEmpty(output);
    }

    [TestMethod]
    public void An_initializer_that_an_input_may_override_need_not_be_given()
    {
        using var folder = new TemporaryFolder();
        var model = ModelBuilder.Create().Input("x", 1, 2).Input("w", 2).Constant("w", [10f, 100f], 2).Output("y").Node("Mul", ["x", "w"], ["y"]);
        using var session = Open(model, folder);

        var (_, output) = RunOne(session, "x", Singles([1, 2], 1, 2));

        Assert.HasCount(1, session.Inputs);
        CollectionAssert.AreEqual(new float[] { 10, 200 }, output);
    }

    [TestMethod]
    public void A_file_that_is_no_model_is_refused_with_its_name_on_one_line()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("broken.onnx", "no model"u8);

        var exception = Assert.ThrowsExactly<CompressionException>(() => ModelSession.Open(path, new SessionSettings()));

        AssertRefused(exception, path, "broken.onnx");
    }

    [TestMethod]
    public void An_operator_that_the_runtime_does_not_know_is_refused_with_the_runtimes_reason()
    {
        using var folder = new TemporaryFolder();
        var path = Unknown.Save(folder, "unknown.onnx");

        var exception = Assert.ThrowsExactly<CompressionException>(() => ModelSession.Open(path, new SessionSettings()));

        AssertRefused(exception, path, "NoSuchOperator");
    }

    [TestMethod]
    public void An_error_of_a_temporary_copy_names_the_file_the_user_knows()
    {
        using var folder = new TemporaryFolder();
        var path = Unknown.Save(folder, "copy-123.onnx");

        var exception = Assert.ThrowsExactly<CompressionException>(() => ModelSession.Open(path, new SessionSettings { ReportedPath = "/models/digits.onnx" }));

        AssertRefused(exception, "/models/digits.onnx", "digits.onnx");
        Assert.DoesNotContain("copy-123", exception.Message);
    }

    [TestMethod]
    public void A_run_that_fails_says_why_and_the_session_stays_usable()
    {
        using var folder = new TemporaryFolder();
        var model = ModelBuilder.Create().Input("x", DataType.Float, "n", "m").Output("y").Constant("w", [1f, 0f, 0f, 1f], 2, 2).Node("MatMul", ["x", "w"], ["y"]);
        using var session = Open(model, folder);

        var exception = Assert.ThrowsExactly<CompressionException>(() => RunOne(session, "x", Singles([1, 2, 3], 1, 3)));
        var (_, output) = RunOne(session, "x", Singles([1, 2], 1, 2));

        AssertRefused(exception, folder.File("model.onnx"), "MatMul");
        CollectionAssert.AreEqual(new float[] { 1, 2 }, output);
    }

    [TestMethod]
    public void An_input_that_is_not_given_is_named()
    {
        using var folder = new TemporaryFolder();
        using var session = Open(Negation, folder);

        var exception = Assert.ThrowsExactly<CompressionException>(() => RunOne(session, "other", Singles([1, 2], 1, 2)));

        AssertRefused(exception, folder.File("model.onnx"), "'x'");
    }

    [TestMethod]
    public void A_cancelled_token_keeps_a_run_from_starting()
    {
        using var folder = new TemporaryFolder();
        using var session = Open(Negation, folder);
        var read = false;

        Assert.ThrowsExactly<OperationCanceledException>(() => session.Run(
            new Dictionary<string, ModelValue> { ["x"] = Singles([1, 2], 1, 2) },
            (_, _, _, _) => read = true,
            new CancellationToken(canceled: true)));

        Assert.IsFalse(read);
    }

    [TestMethod]
    public void Cancelling_ends_a_run_that_would_last_for_years()
    {
        using var folder = new TemporaryFolder();
        using var session = Open(EndlessLoop(), folder);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        var exception = Assert.ThrowsExactly<OperationCanceledException>(() => session.Run(
            new Dictionary<string, ModelValue> { ["x"] = Singles([1], 1) },
            (_, _, _, _) => { },
            cancellation.Token));

        Assert.AreEqual(cancellation.Token, exception.CancellationToken);
    }

    [TestMethod]
    public void The_optimized_model_is_saved_where_asked_and_runs_alike()
    {
        using var folder = new TemporaryFolder();
        var optimized = folder.File("optimized.onnx");
        var path = ModelBuilder.Create()
            .Input("x", 1, 2)
            .Output("y")
            .Constant("a", [1f, 2f], 2)
            .Constant("b", [3f, 4f], 2)
            .Node("Add", ["a", "b"], ["c"])
            .Node("Mul", ["x", "c"], ["y"])
            .Save(folder);

        using (ModelSession.Open(path, new SessionSettings { Optimization = SessionOptimization.Basic, OptimizedModelPath = optimized }))
        {
        }

        using var session = ModelSession.Open(optimized, new SessionSettings { Optimization = SessionOptimization.None });
        var (_, output) = RunOne(session, "x", Singles([1, 1], 1, 2));
        CollectionAssert.AreEqual(new float[] { 4, 6 }, output);
        Assert.HasCount(1, ModelProto.Parser.ParseFrom(File.ReadAllBytes(optimized)).Graph.Node);
    }

    private static ModelBuilder EndlessLoop()
    {
        var body = ModelBuilder.Subgraph(builder => builder
            .Input("i", DataType.Int64)
            .Input("go", DataType.Bool)
            .Input("v", 1)
            .Output("goOn", DataType.Bool)
            .Output("w")
            .Node("Identity", ["go"], ["goOn"])
            .Node("Neg", ["v"], ["w"]));
        return ModelBuilder.Create()
            .Input("x", 1)
            .Output("y")
            .Constant("trips", [long.MaxValue])
            .Constant("true", new TensorProto { DataType = (int)DataType.Bool, Int32Data = { 1 } })
            .Node("Loop", ["trips", "true", "x"], ["y"], ("body", body));
    }

    private static ModelSession Open(ModelBuilder model, TemporaryFolder folder) => ModelSession.Open(model.Save(folder), new SessionSettings());

    private static TensorValue Singles(float[] values, params long[] shape) => new(DataType.Float, shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    private static (long[] Shape, float[] Values) RunOne(ModelSession session, string name, TensorValue input)
    {
        (long[], float[])? result = null;
        session.Run(
            new Dictionary<string, ModelValue> { [name] = input },
            (index, type, shape, bytes) =>
            {
                Assert.AreEqual(0, index);
                Assert.AreEqual(DataType.Float, type);
                result = (shape.ToArray(), MemoryMarshal.Cast<byte, float>(bytes).ToArray());
            },
            CancellationToken.None);
        return result!.Value;
    }

    private static void AssertRefused(CompressionException exception, string path, string reason)
    {
        Assert.AreEqual(DiagnosticCodes.ModelDoesNotRun, exception.Code);
        Assert.AreEqual(path, exception.File);
        Assert.Contains(reason, exception.Message);
        Assert.DoesNotContain("\n", exception.Message);
        Assert.DoesNotContain(Path.GetTempPath(), exception.Message);
        Assert.DoesNotContain("onnxruntime_src", exception.Message);
    }
}
