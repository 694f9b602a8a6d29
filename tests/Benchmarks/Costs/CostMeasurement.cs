using ModelBuildTasks.Compression.Devices;

namespace Benchmarks.Costs;

/// <summary>One pass over everything that a cost table holds, in nanoseconds and not yet rounded.</summary>
/// <param name="Borders">What lies between float and bytes.</param>
/// <param name="Layers">In the order of <see cref="MeasuredLayers"/>.</param>
/// <param name="Elements">Operators without weights.</param>
internal sealed record CostMeasurement(BorderCosts Borders, IReadOnlyList<LayerCost> Layers, IReadOnlyList<ElementCost> Elements)
{
    private const int Channels = 32;
    private const int Size = 56;
    private const double Thousands = Channels * Size * Size / 1000.0;

    private static readonly string[] Operators = ["Add", "Mul", "Concat", "MaxPool", "AveragePool", "GlobalAveragePool", "LeakyRelu", "HardSwish", "HardSigmoid", "Sigmoid", "Mish", "Gelu"];

    private static readonly string[] Conversions = ["QuantizeLinear", "DequantizeLinear", "Transpose", "ReorderInput", "ReorderOutput", "Max"];

    /// <summary>Measures everything once.</summary>
    public static CostMeasurement Take()
    {
        var floor = OperatorStart.Profiled();
        return new CostMeasurement(
            MeasureBorders(floor),
            [.. MeasuredLayers.All.Select(each => MeasureLayer(each.Class, each.Input, floor))],
            [.. MeasureElements(floor)]);
    }

    private static LayerCost MeasureLayer(LayerClass layer, long[] input, double floor)
    {
        var model = new MeasuredModel(input);
        var output = layer.Operator == "Conv"
            ? model.Convolution("x", "conv", layer.Inputs * layer.Groups, layer.Outputs * layer.Groups, (int)Math.Round(Math.Pow(layer.Kernel, 1.0 / layer.Dimensions)), (int)layer.Groups, layer.Dimensions)
            : model.Product("x", layer.Operator, layer.Inputs, layer.Outputs);
        var (single, int8) = ProfiledPair.Run(model, output);
        var positions = layer.Operator == "Conv" ? input.Skip(2).Aggregate(1.0, (product, dimension) => product * dimension) : input[^2];
        var thousands = positions * layer.Kernel * layer.Groups * layer.Inputs * layer.Outputs / 1000;
        return int8.Any(time => time.Operation is "QLinearConv" or "QGemm" or "MatMulIntegerToFloat")
            ? new LayerCost(layer, Others(single, floor) / thousands, Others(int8, floor) / thousands)
            : throw new InvalidOperationException($"No integer kernel ran for {layer}: {string.Join(" ", int8.Select(time => time.Operation))}.");
    }

    private static BorderCosts MeasureBorders(double floor)
    {
        var model = new MeasuredModel(1, Channels, Size, Size);
        var value = "x";
        foreach (var name in new[] { "first", "second", "third", "fourth" })
        {
            value = model.Convolution(value, name, Channels, Channels, 1);
        }

        model.KeepFloat.AddRange(["first*", "fourth*"]);
        var (_, times) = ProfiledPair.Run(model, value);
        double Time(KernelTime? time) => Math.Max(0, (time?.Nanoseconds ?? floor) - floor) / Thousands;
        KernelTime? First(string operation) => times.FirstOrDefault(time => time.Operation == operation);
        KernelTime? Last(string operation) => times.LastOrDefault(time => time.Operation == operation);
        return new BorderCosts(
            OperatorStart.Real(),
            Time(First("QuantizeLinear")),
            Time(First("DequantizeLinear")),
            Time(First("ReorderOutput")) + Time(First("Transpose")),
            Time(Last("Transpose")) + Time(First("Max")) + Time(Last("ReorderInput")));
    }

    private static IEnumerable<ElementCost> MeasureElements(double floor)
    {
        var without = AllButLastConvolution(ProfiledPair.Run(Between(null, out var plain), plain).Float, floor);
        foreach (var operation in Operators)
        {
            var (single, int8) = ProfiledPair.Run(Between(operation, out var output), output);
            var alone = int8.Where(time => !IsConvolution(time) && !Conversions.Contains(time.Operation)).Sum(time => Math.Max(0, time.Nanoseconds - floor));
            // Two operands behind a Concat, of which the sizes of values have the sum.
            var thousands = operation == "Concat" ? 2 * Thousands : Thousands;
            yield return new ElementCost(operation, Math.Max(0, AllButLastConvolution(single, floor) - without) / thousands, alone / thousands);
        }
    }

    /// <summary>A convolution, an operator on its result (and on what it read), and a convolution, in front of them one more so that none of them reads the input.</summary>
    private static MeasuredModel Between(string? operation, out string output)
    {
        var model = new MeasuredModel(1, Channels, Size, Size);
        var first = model.Convolution("x", "first", Channels, Channels, 1);
        var isActivation = operation is "HardSwish" or "HardSigmoid" or "Sigmoid" or "Mish" or "Gelu";
        var second = model.Convolution(first, "second", Channels, Channels, 1, relu: !isActivation);
        var joined = operation switch
        {
            null => second,
            "Add" or "Mul" or "Concat" => model.Operation(operation, "joined", first, second),
            "MaxPool" or "AveragePool" => model.Pooling(operation, second),
            _ => model.Operation(operation, "joined", second),
        };
        if (operation == "Concat")
        {
            model.With("axis", 1);
        }

        output = model.Convolution(joined, "third", operation == "Concat" ? 2 * Channels : Channels, Channels, 1);
        return model;
    }

    private static bool IsConvolution(KernelTime time) => time.Operation.EndsWith("Conv", StringComparison.Ordinal);

    private static double Others(IEnumerable<KernelTime> times, double floor) => times.Where(time => !Conversions.Contains(time.Operation)).Sum(time => Math.Max(0, time.Nanoseconds - floor));

    private static double AllButLastConvolution(IReadOnlyList<KernelTime> times, double floor)
    {
        var last = times.Index().Last(time => IsConvolution(time.Item)).Index;
        return times.Index().Where(time => time.Index != last).Sum(time => Math.Max(0, time.Item.Nanoseconds - floor));
    }
}
