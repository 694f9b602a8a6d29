using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Emulation;

/// <summary>
/// One step of ONNX Runtime's DynamicQuantizeLSTM that is probed: all inputs (or all hidden values) are 1, which it quantizes to 255, the pairs' weights lead to the cell gate, and the other gates see 0 and are half open. An
/// exact sum is 1 in front of the gate, so that the hidden value is tanh(tanh(1) / 2) / 2.
/// </summary>
/// <param name="Name">Tells it in messages and names its files.</param>
/// <param name="Pairs">Pairs of inputs or hidden values.</param>
/// <param name="InputSize">Values of the input.</param>
/// <param name="HiddenSize">Hidden values: the channels.</param>
/// <param name="WeightInput">1 probes the weights of the inputs, 2 those of the hidden values.</param>
internal sealed record LstmProbe(string Name, ProbedPairs Pairs, int InputSize, int HiddenSize, int WeightInput) : PairProbe(Name)
{
    private const int Gates = 4;

    public static LstmProbe OfInputs(int size)
    {
        var pairs = ProbedPairs.All(size);
        return new($"LSTM of {size} inputs", pairs, size, pairs.Count, 1);
    }

    public static LstmProbe OfHiddenValues(int size) => new($"LSTM of {size} hidden values", ProbedPairs.Neighbours(size), 2, size, 2);

    public override int WeightInput { get; } = WeightInput;

    public override (string Name, byte[] Values)[] Inputs => [("x", Ones(InputSize)), ("h", Ones(HiddenSize))];

    /// <remarks>The weights are [1, size, 4 · hidden], transposed against LSTM's; the gates are input, output, forget, cell (Contrib Operators of ONNX Runtime).</remarks>
    public override ModelBuilder Quantized()
    {
        var columns = Gates * HiddenSize;
        var scales = new float[columns];
        Array.Fill(scales, 255f / ProbedPairs.Sum);
        return ModelBuilder.Create()
            .Input("x", 1, 1, InputSize).Input("h", 1, 1, HiddenSize).Output("y", 1, 1, HiddenSize)
            .Constant("w", TensorValues.Create("", Weights(InputSize, probed: WeightInput == 1), 1, InputSize, columns))
            .Constant("r", TensorValues.Create("", Weights(HiddenSize, probed: WeightInput == 2), 1, HiddenSize, columns))
            .Constant("scales", scales, 1, columns)
            .Constant("zeros", TensorValues.Create("", new sbyte[columns], 1, columns))
            .Node("com.microsoft", "DynamicQuantizeLSTM", ["x", "w", "r", "", "", "h", "", "", "scales", "zeros", "scales", "zeros"], ["", "y", ""], "lstm", ("hidden_size", HiddenSize));
    }

    public override ModelBuilder Float() => ModelBuilder.Create()
        .Input("x", 1, 1, InputSize).Output("y", 1, 1, HiddenSize)
        .Constant("w", new float[Gates * HiddenSize * InputSize], 1, Gates * HiddenSize, InputSize)
        .Constant("r", new float[Gates * HiddenSize * HiddenSize], 1, Gates * HiddenSize, HiddenSize)
        .Node("LSTM", ["x", "w", "r"], ["", "y"], ("hidden_size", HiddenSize));

    public override IReadOnlyList<(int First, int Second)> Saturated(byte[] output)
    {
        var exact = MathF.Tanh(MathF.Tanh(1) / 2) / 2;
        return Pairs.Saturated(Array.ConvertAll(MemoryMarshal.Cast<byte, float>(output).ToArray(), value => value / exact), HiddenSize, 1);
    }

    private static byte[] Ones(int count)
    {
        var ones = new float[count];
        Array.Fill(ones, 1);
        return MemoryMarshal.AsBytes(ones.AsSpan()).ToArray();
    }

    private sbyte[] Weights(int size, bool probed)
    {
        var columns = Gates * HiddenSize;
        var weights = new sbyte[size * columns];
        for (var hidden = 0; probed && hidden < HiddenSize; hidden++)
        {
            var (first, second) = Pairs.Of(hidden);
            foreach (var row in new[] { first, second })
            {
                weights[(row * columns) + ((Gates - 1) * HiddenSize) + hidden] = ProbedPairs.Weight;
            }
        }

        return weights;
    }
}
