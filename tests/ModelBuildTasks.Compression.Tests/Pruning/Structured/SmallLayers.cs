using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.Pruning.Structured;

/// <summary>Layers with random weights, added to a model by their names: each writes a value of its name.</summary>
internal static class SmallLayers
{
    public static ModelBuilder Conv(this ModelBuilder builder, string name, string input, int inputs, int outputs, int kernel = 3, int group = 1) => builder
        .Constant($"{name}.w", RandomTensors.Weight(Seed(name), outputs, inputs / group, kernel, kernel)).Constant($"{name}.b", RandomTensors.Row(Seed(name) + 1, outputs))
        .Node("Conv", [input, $"{name}.w", $"{name}.b"], [name], name, ("group", group), ("pads", new[] { kernel / 2, kernel / 2, kernel / 2, kernel / 2 }));

    public static ModelBuilder Gemm(this ModelBuilder builder, string name, string input, int inputs, int outputs) => builder
        .Constant($"{name}.w", RandomTensors.Weight(Seed(name), outputs, inputs)).Constant($"{name}.b", RandomTensors.Row(Seed(name) + 1, outputs))
        .Node("Gemm", [input, $"{name}.w", $"{name}.b"], [name], name, ("transB", 1));

    /// <summary>A product of matrices and the sum of a row.</summary>
    public static ModelBuilder Linear(this ModelBuilder builder, string name, string input, int inputs, int outputs) => builder
        .Constant($"{name}.w", RandomTensors.Weight(Seed(name), inputs, outputs)).Constant($"{name}.b", RandomTensors.Row(Seed(name) + 1, outputs))
        .Node("MatMul", [input, $"{name}.w"], [$"{name}.product"], name).Node("Add", [$"{name}.product", $"{name}.b"], [name], $"{name}.sum");

    public static ModelBuilder Relu(this ModelBuilder builder, string name, string input) => builder.Node("Relu", [input], [name], name);

    private static int Seed(string name) => name.Aggregate(17, (seed, letter) => (seed * 31) + letter) & 0xFFFF;
}
