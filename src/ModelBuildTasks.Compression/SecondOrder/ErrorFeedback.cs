using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>
/// Rounds a matrix so that what it makes of its inputs changes least: Σ eᵀ·H·e over the outputs, e being the errors of an output's weights and H = L·Lᵀ the mean of x·xᵀ over the inputs x. That is |Lᵀ·e|², whose terms are made
/// small one after the other, from the last input to the first, each given the errors of those before it: Babai's nearest plane. It makes the choices of optimal brain quantization in a fixed order (Frantar et al. 2022, "GPTQ:
/// Accurate Post-Training Quantization for Generative Pre-trained Transformers"; that both are one: Chen et al. 2025, "The Geometry of LLM Quantization"), with one factor of H and no inverse. A weight that is zero, as pruning leaves them, stays zero: of it nothing else is wanted.
/// </summary>
internal sealed class ErrorFeedback
{
    /// <summary>Inputs whose errors are fed to all others at once: their errors stay in the cache, and the rest of the factor is read once for all of them. Even, so that no pair is cut.</summary>
    private const int BlockInputs = 64;

    private readonly LayerFactor factor;
    private readonly double[] weights;
    private readonly int outputs;
    private readonly IRoundingGrid grid;
    private readonly bool feedsBack;
    // Of each input Σ L · error over the inputs behind, in the order of the factor; the errors of a block.
    private readonly double[] fed;
    private readonly double[] errors;
    private readonly double[] noise;
    private readonly double[][] rows;

    private ErrorFeedback(LayerFactor factor, double[] weights, int outputs, IRoundingGrid grid, bool feedsBack)
    {
        (this.factor, this.weights, this.outputs, this.grid, this.feedsBack) = (factor, weights, outputs, grid, feedsBack);
        fed = new double[weights.Length];
        errors = new double[Math.Min(factor.Inputs, BlockInputs) * outputs];
        noise = new double[outputs];
        rows = [.. Enumerable.Range(0, 4).Select(_ => new double[outputs])];
    }

    /// <summary>Rounds, and tells eᵀ·H·e of each output.</summary>
    /// <param name="factor">L, and the order of the inputs.</param>
    /// <param name="weights">[inputs × outputs].</param>
    /// <param name="outputs">How many outputs there are.</param>
    /// <param name="grid">The values that weights may have; it keeps those that they got.</param>
    /// <param name="feedsBack">Whether errors change what is wanted of other weights; else each gets the value nearest to it.</param>
    public static double[] Round(LayerFactor factor, double[] weights, int outputs, IRoundingGrid grid, bool feedsBack = true)
    {
        var feedback = new ErrorFeedback(factor, weights, outputs, grid, feedsBack);
        for (var end = factor.Inputs; end > 0;)
        {
            var start = (end - 1) / BlockInputs * BlockInputs;
            feedback.RoundBlock(start, end);
            end = start;
        }

        return feedback.noise;
    }

    private void RoundBlock(int start, int end)
    {
        if (grid is IBlockGrid blocks && feedsBack)
        {
            Begin(blocks, start, end);
        }

        for (var place = end - 1; place >= start; place--)
        {
            if (grid is IPairedGrid paired && paired.Partner(factor.Order[place]) is not null)
            {
                RoundPair(paired, place, start, end);
                place--;
            }
            else
            {
                RoundOne(place, start, end);
            }
        }

        // What is left of the factor, once for all of the block.
        if (start > 0)
        {
            TransposedProduct.Add<double>(factor.Part(start, end - start, 0, start), new(errors, end - start, outputs), new MatrixPart<double>(fed, start, outputs));
        }
    }

    private void Begin(IBlockGrid blocks, int start, int end)
    {
        var targets = new double[(end - start) * outputs];
        var scales = new double[end - start];
        for (var place = start; place < end; place++)
        {
            Want(place, end, start, end, targets.AsSpan((place - start) * outputs, outputs));
            scales[place - start] = factor.At(place, place);
        }

        blocks.Begin(factor.Order.AsSpan(start, end - start), targets, scales);
    }

    private void RoundOne(int place, int start, int end)
    {
        var (targets, kept, restored) = (rows[0], rows[1], rows[2]);
        Want(place, place + 1, start, end, targets);
        var weight = Weights(place);
        for (var output = 0; output < outputs; output++)
        {
            kept[output] = weight[output] == 0 ? 0 : targets[output];
        }

        grid.Round(factor.Order[place], feedsBack ? kept : weight, restored);
        Keep(place, start, targets, restored);
    }

    private void RoundPair(IPairedGrid paired, int place, int start, int end)
    {
        var (targets, secondTargets, restored, secondRestored) = (rows[0], rows[1], rows[2], rows[3]);
        Want(place, place + 1, start, end, targets);
        Want(place - 1, place + 1, start, end, secondTargets);
        var (first, second) = (factor.Order[place], factor.Order[place - 1]);
        var coupling = factor.At(place, place - 1) / factor.At(place - 1, place - 1);
        paired.Round(
            feedsBack ? new InputPair(first, second, Weights(place), Weights(place - 1), targets, secondTargets, (factor.At(place, place), factor.At(place - 1, place - 1), coupling))
                : new InputPair(first, second, Weights(place), Weights(place - 1), Weights(place), Weights(place - 1), (1, 1, 0)),
            restored,
            secondRestored);
        Keep(place, start, targets, restored);
        for (var output = 0; output < outputs; output++)
        {
            secondTargets[output] += coupling * Errors(place - start)[output];
        }

        Keep(place - 1, start, secondTargets, secondRestored);
    }

    /// <summary>What is wanted of an input given the errors of those from a place on: its weights, and what takes these errors back.</summary>
    private void Want(int place, int from, int start, int end, Span<double> targets)
    {
        var row = fed.AsSpan(place * outputs, outputs);
        row.CopyTo(targets);
        if (from < end)
        {
            TransposedProduct.Add<double>(factor.Part(from, end - from, place, 1), new(errors.AsSpan((from - start) * outputs), end - from, outputs), new MatrixPart<double>(targets, 1, outputs));
        }

        TensorPrimitives.Divide(targets, factor.At(place, place), targets);
        TensorPrimitives.Add(targets, Weights(place), targets);
    }

    private void Keep(int place, int start, ReadOnlySpan<double> targets, ReadOnlySpan<double> restored)
    {
        TensorPrimitives.Subtract(Weights(place), restored, Errors(place - start));
        var scale = factor.At(place, place);
        for (var output = 0; output < outputs; output++)
        {
            var term = scale * (targets[output] - restored[output]);
            noise[output] += term * term;
        }
    }

    private ReadOnlySpan<double> Weights(int place) => weights.AsSpan(factor.Order[place] * outputs, outputs);

    private Span<double> Errors(int row) => errors.AsSpan(row * outputs, outputs);
}
