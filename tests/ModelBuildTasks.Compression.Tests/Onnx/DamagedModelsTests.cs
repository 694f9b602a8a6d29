using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Onnx;

/// <summary>Whatever the bytes are, a model loads or there is a coded error: no other exception, no crash.</summary>
[TestClass]
public sealed class DamagedModelsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_model_cut_off_anywhere_loads_or_is_a_coded_error()
    {
        var bytes = File.ReadAllBytes(Model().Save(folder));
        var loaded = Enumerable.Range(0, bytes.Length).Count(length => Survives(bytes.AsSpan(0, length)));

        // Only what ends between two fields after the graph can still be a model: of this one, whose operator sets come last, the first of
        // two.
        Assert.AreEqual(1, loaded);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void A_model_with_changed_bytes_loads_or_is_a_coded_error(int seed)
    {
        var bytes = File.ReadAllBytes(Model().Save(folder));
        var random = new Random(seed);
        var loaded = 0;
        const int Trials = 1500;
        for (var trial = 0; trial < Trials; trial++)
        {
            var damaged = bytes.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            loaded += Survives(damaged) ? 1 : 0;
        }

        // Both happen, or the trials would show nothing.
        Assert.IsInRange(1, Trials - 1, loaded);
    }

    [TestMethod]
    public void Random_bytes_are_coded_errors()
    {
        var random = new Random(4);
        for (var trial = 0; trial < 500; trial++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Survives(bytes);
        }
    }

    /// <summary>Loads, edits, saves and reads the signature; true when that went well, false when there was a coded error.</summary>
    private bool Survives(ReadOnlySpan<byte> bytes)
    {
        var path = folder.Write("damaged.onnx", bytes);
        try
        {
            OnnxSignature.Read(path);
        }
        catch (CompressionException exception)
        {
            Assert.AreEqual(DiagnosticCodes.NotAnOnnxModel, exception.Code);
        }

        try
        {
            using var model = OnnxModel.Load(path);
            var graph = model.EditGraph();
            foreach (var input in graph.Nodes.SelectMany(node => node.Input))
            {
                graph.Constant(input)?.Bytes();
            }

            graph.RemoveUnused();
            graph.Commit();
            using var stream = new MemoryStream();
            new ModelWriter(model.Proto).Write(stream, path);
            return true;
        }
        catch (CompressionException exception)
        {
            Assert.AreEqual(path, exception.File);
            return false;
        }
    }

    private static ModelBuilder Model() => ModelBuilder.Create()
        .Import("com.microsoft", 1)
        .Input("x", DataType.Float, "batch", 3)
        .Input("condition", DataType.Bool)
        .Constant("w", [1f, 2, 3], 3)
        .Constant("shape", [1L, 3], 2)
        .Constant("typed", new TensorProto { DataType = (int)DataType.Float, Dims = { 2 }, FloatData = { 1, 2 } })
        .ConstantNode("c", TensorValues.Create("", [1f, 2, 3], 3))
        .Node("If", ["condition"], ["z"], ("then_branch", ModelBuilder.Subgraph(then => then.Constant("w2", [1f]).Node("Add", ["x", "w2"], ["t"]).Output("t"))))
        .Node("Conv", ["z", "w", "c"], ["v"], ("pads", new[] { 1, 2, 3 }), ("alpha", 0.5f), ("auto_pad", "NOTSET"))
        .Node("Reshape", ["v", "shape"], ["y"])
        .Inner("v", 1, 3)
        .Output("y", 1, 3);
}
