using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Devices;

[TestClass]
public sealed class ShippedCostTablesTests
{
    private static readonly string[] Connectors = ["Add", "Mul", "Concat", "MaxPool", "AveragePool", "GlobalAveragePool", "LeakyRelu"];

    private static readonly string[] FloatOnlyActivations = ["HardSwish", "HardSigmoid", "Sigmoid", "Mish", "Gelu"];

    /// <summary>The table of each profile that the package ships.</summary>
    private static IEnumerable<string> Names => ["x64", "x64-vnni", "arm64", "arm", "wasm"];

    public static string PathOf(string name) => Repository.File("build", "costs", name + ".json");

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Every_shipped_table_knows_all_that_a_plan_asks_for(string name)
    {
        var table = CostTable.Load(PathOf(name));

        foreach (var wanted in new LayerClass[] { new("Conv", 2, 9, 1, 16, 16), new("Conv", 3, 27, 1, 16, 16), new("Conv", 1, 3, 1, 16, 16), new("Conv", 2, 9, 32, 1, 1), new("Conv", 2, 9, 4, 8, 8), new("Gemm", 0, 1, 1, 64, 64), new("MatMul", 0, 1, 1, 64, 64) })
        {
            Assert.IsNotNull(table.Nearest(wanted), wanted.ToString());
        }

        foreach (var operation in Connectors.Concat(FloatOnlyActivations))
        {
            Assert.IsNotNull(table.Of(operation), operation);
        }

        Assert.IsGreaterThan(0, table.Borders.Start);
    }

    [TestMethod]
    public void No_other_file_lies_among_them() =>
        CollectionAssert.AreEquivalent(Names.ToArray(), Directory.GetFiles(Path.GetDirectoryName(PathOf("x64"))!).Select(Path.GetFileNameWithoutExtension).ToArray());

    [TestMethod]
    public void Each_is_written_as_the_benchmark_writes_it()
    {
        foreach (var name in Names)
        {
            var again = Path.GetTempFileName();
            try
            {
                CostTableFile.Load(PathOf(name)).Save(again);
                Assert.AreEqual(File.ReadAllText(PathOf(name)).ReplaceLineEndings("\n"), File.ReadAllText(again), name);
            }
            finally
            {
                File.Delete(again);
            }
        }
    }

    [TestMethod]
    public void The_compiled_in_table_is_that_of_x64() => Assert.AreEqual(CostTable.Load(PathOf("x64")), CostTable.X64);

    [TestMethod]
    public void Only_x64_was_measured() =>
        CollectionAssert.AreEqual(new[] { "x64", "x64-vnni" }, Names.Where(name => CostTableFile.Load(PathOf(name)).Origin.MeasuredOn is not null).ToArray());
}
