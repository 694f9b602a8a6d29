using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Execution;

/// <summary>Files in the runtime's own format, in one order.</summary>
[TestClass]
public sealed class OrtFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void What_is_in_order_stays_as_it_is()
    {
        var ordered = OrtFile.InOneOrder(Saved());

        CollectionAssert.AreEqual(ordered, OrtFile.InOneOrder(ordered));
    }

    [TestMethod]
    public void The_kernel_types_are_those_that_the_runtime_wrote_sorted()
    {
        var saved = Saved();

        var ordered = OrtFile.InOneOrder(saved);

        CollectionAssert.AreEqual(Types(saved), Types(ordered));
        CollectionAssert.Contains(Types(ordered), ":MatMul:13 T 0.0 0.1 1.0");
    }

    [TestMethod]
    public void The_runtime_loads_and_runs_it()
    {
        using var session = ModelSession.Open(folder.Write("ordered.ort", OrtFile.InOneOrder(Saved())), new SessionSettings());

        Assert.AreEqual("x", session.Inputs.Single().Name);
    }

    [TestMethod]
    public void Whatever_is_cut_off_or_damaged_is_an_error_and_no_crash()
    {
        var saved = Saved();
        var random = new Random(1);
        for (var length = 0; length < Math.Min(saved.Length, 1500); length += 7)
        {
            Try(saved.AsSpan(0, length).ToArray());
        }

        for (var change = 0; change < 2000; change++)
        {
            var damaged = (byte[])saved.Clone();
            damaged[random.Next(Math.Min(damaged.Length, 1500))] = (byte)random.Next(256);
            Try(damaged);
        }

        Assert.ThrowsExactly<InvalidDataException>(() => OrtFile.InOneOrder("no file of this format"u8));

        static void Try(byte[] file)
        {
            try
            {
                OrtFile.InOneOrder(file);
            }
            catch (InvalidDataException)
            {
                // As it should be.
            }
        }
    }

    private static string[] Types(byte[] file)
    {
        var buffer = new FlatBuffer(file);
        return [.. KernelTypes.Read(buffer, buffer.Reference(buffer.Reference(buffer.Root, 3), 0))
            .SelectMany(operation => operation.Types.Select(type => $"{operation.Operator} {type.Name} {string.Join(' ', type.Arguments.Select(argument => $"{argument.Kind}.{argument.Index}"))}"))];
    }

    private byte[] Saved()
    {
        var model = ModelBuilder.Create().Input("x", 1, 4, 4, 4).Output("y").Constant("w", new float[16], 4, 4).Node("MatMul", ["x", "w"], ["p"]).Node("Softmax", ["p"], ["s"]).Node("MaxPool", ["s"], ["m"], ("kernel_shape", new[] { 2, 2 }))
            .Node("Cast", ["m"], ["c"], ("to", 11)).Node("Cast", ["c"], ["y"], ("to", 1)).Save(folder);
        var saved = folder.File("saved.ort");
        ModelSession.Open(model, new SessionSettings { Optimization = SessionOptimization.Extended, OptimizedModelPath = saved, SavesOrtFormat = true }).Dispose();
        return File.ReadAllBytes(saved);
    }
}
