using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.SecondOrder;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>Seeded weights of a layer, and the Hessian of inputs that depend on one another: each row is a few causes, mixed, and some noise.</summary>
internal sealed class CorrelatedLayer
{
    private const double DampingShare = 0.01;

    private CorrelatedLayer(int inputs, int outputs, double[] weights, double[] hessian)
    {
        (Inputs, Outputs, Weights, Hessian) = (inputs, outputs, weights, hessian);
        var largest = Enumerable.Range(0, outputs).Select(output => Enumerable.Range(0, inputs).Max(input => Math.Abs(weights[(input * outputs) + output]))).ToArray();
        Scales = Array.ConvertAll(largest, magnitude => (float)(magnitude / WeightQuantizer.Maximum));
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>[inputs × outputs].</summary>
    public double[] Weights { get; }

    /// <summary>[inputs × inputs], symmetric, without damping.</summary>
    public double[] Hessian { get; }

    /// <summary>Of each output, such that its largest weight is 127.</summary>
    public float[] Scales { get; set; }

    public static CorrelatedLayer Of(int inputs, int outputs, int seed)
    {
        var random = new Random(seed);
        var (causes, count) = (Math.Max(1, inputs / 3), 2 * inputs + 20);
        var mixing = RandomTensors.Singles(random, causes * inputs);
        var rows = new float[count * inputs];
        for (var row = 0; row < count; row++)
        {
            var (cause, noise) = (RandomTensors.Singles(random, causes), RandomTensors.Singles(random, inputs, 0.3));
            for (var input = 0; input < inputs; input++)
            {
                rows[(row * inputs) + input] = noise[input] + Enumerable.Range(0, causes).Sum(index => cause[index] * mixing[(index * inputs) + input]);
            }
        }

        var hessian = new double[inputs * inputs];
        for (var i = 0; i < hessian.Length; i++)
        {
            var (left, right) = (i / inputs, i % inputs);
            hessian[i] = Enumerable.Range(0, count).Sum(row => (double)rows[(row * inputs) + left] * rows[(row * inputs) + right]) / count;
        }

        return new(inputs, outputs, Wide(random, inputs * outputs), hessian);
    }

    /// <summary>Inputs that have nothing to do with one another.</summary>
    public static CorrelatedLayer Independent(int inputs, int outputs, int seed)
    {
        var random = new Random(seed);
        var hessian = new double[inputs * inputs];
        for (var input = 0; input < inputs; input++)
        {
            hessian[(input * inputs) + input] = random.NextDouble() * 10;
        }

        return new(inputs, outputs, Wide(random, inputs * outputs), hessian);
    }

    /// <summary>H as it is factored: with a hundredth of the mean diagonal.</summary>
    public double[] Damped()
    {
        var damped = (double[])Hessian.Clone();
        var mean = Enumerable.Range(0, Inputs).Average(input => Hessian[(input * Inputs) + input]);
        for (var input = 0; input < Inputs; input++)
        {
            damped[(input * Inputs) + input] += DampingShare * mean;
        }

        return damped;
    }

    public LayerFactor Factor() => Factor([.. Enumerable.Range(0, Inputs).Select(input => new[] { input })]);

    public LayerFactor Factor(IReadOnlyList<int[]> units) => LayerFactor.Of(Hessian, long.MaxValue, units, 1);

    /// <summary>vᵀ·H·v of each output, H damped, summed in the plainest way.</summary>
    public double[] Energies(Func<int, int, double> valueOf)
    {
        var damped = Damped();
        return [.. Enumerable.Range(0, Outputs).Select(output => Enumerable.Range(0, damped.Length).Sum(i => valueOf(i / Inputs, output) * damped[i] * valueOf(i % Inputs, output)))];
    }

    /// <summary>The errors' energies of bytes.</summary>
    public double[] Noises(sbyte[] levels) => Energies((input, output) => Weights[(input * Outputs) + output] - Restored(levels, input, output));

    public double Restored(sbyte[] levels, int input, int output) => levels[(input * Outputs) + output] * Scales[output];

    /// <summary>The level of a byte that is nearest to a value.</summary>
    public sbyte Nearest(int output, double value) => (sbyte)Math.Clamp(Math.Round(value / Scales[output]), -WeightQuantizer.Maximum, WeightQuantizer.Maximum);

    private static double[] Wide(Random random, int count) => Array.ConvertAll(RandomTensors.Singles(random, count), value => (double)value);
}
