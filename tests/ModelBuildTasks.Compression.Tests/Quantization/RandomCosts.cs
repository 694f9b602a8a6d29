using ModelBuildTasks.Compression.Devices;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Cost tables in which everything may come out either way, with and without an opinion of some operators.</summary>
internal static class RandomCosts
{
    private static readonly string[] Elements = ["Add", "Mul", "LeakyRelu", "MaxPool", "Transpose", "GlobalAveragePool", "Reshape", "Sigmoid"];

    public static CostTable Of(int seed)
    {
        var random = new Random(seed);
        double Number(int scale) => Math.Round(random.NextDouble() * scale, 1);
        return new CostTable(
            new BorderCosts(Number(300), Number(1500), Number(1000), Number(500), Number(500)),
            [new(new LayerClass("Conv", 2, 1, 1, 16, 16), Number(200), Number(150)), new(new LayerClass("Conv", 2, 1, 16, 1, 1), Number(300), Number(300)), new(new LayerClass("Gemm", 0, 1, 1, 16, 16), Number(5000), Number(5000))],
            [.. Elements.Where(_ => random.Next(5) > 0).Select(element => new ElementCost(element, Number(2000), Number(2000)))]);
    }
}
