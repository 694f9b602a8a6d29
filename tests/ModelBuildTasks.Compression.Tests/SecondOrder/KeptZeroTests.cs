using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>Weights that are zero before they are rounded, as pruning leaves them.</summary>
[TestClass]
public sealed class KeptZeroTests
{
    private const int Outputs = 6;
    private const int PairedLimit = 128;

    [TestMethod]
    [DataRow(5)]
    [DataRow(64)]
    [DataRow(131)]
    public void Zeros_stay_zero_as_bytes(int inputs)
    {
        var layer = Sparse(inputs);
        var grid = new ByteRounding(inputs, layer.Scales);
        ErrorFeedback.Round(layer.Factor(), layer.Weights, Outputs, grid);

        AssertZeros(layer, index => grid.Levels[index] == 0);
    }

    [TestMethod]
    [DataRow(5, 1)]
    [DataRow(64, 1)]
    [DataRow(131, 1)]
    [DataRow(90, 9)]
    public void Zeros_stay_zero_in_bound_pairs(int inputs, int positions)
    {
        var layer = Sparse(inputs);
        var grid = new PairedByteRounding(inputs, layer.Scales, new PairBound(new PairOrder(inputs, positions), PairedLimit));
        ErrorFeedback.Round(layer.Factor(Pairs.Units(grid, inputs)), layer.Weights, Outputs, grid);

        AssertZeros(layer, index => grid.Levels[index] == 0);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Zeros_stay_zero_in_blocks_of_four_bits(bool isSymmetric)
    {
        const int Inputs = 90;
        var layer = Sparse(Inputs);
        var random = new Random(3);
        var layout = new BlockLayout(Outputs, Inputs, 1, 16);
        var zeroPoints = isSymmetric ? null : Enumerable.Range(0, layout.Blocks).Select(_ => (byte)random.Next(16)).ToArray();
        var grid = new BlockRounding(new BlockGrid(layout, [.. Enumerable.Range(0, layout.Blocks).Select(_ => 0.1f + (0.3f * random.NextSingle()))], ScalesAreHalf: false, zeroPoints), 0, Outputs);
        ErrorFeedback.Round(layer.Factor(), layer.Weights, Outputs, grid);

        AssertZeros(layer, index => grid.Levels[index] == (zeroPoints is null ? 8 : zeroPoints[(index % Outputs * layout.BlocksPerRow) + (index / Outputs / layout.Size)]));
    }

    [TestMethod]
    public void Zeros_stay_zero_with_a_codebook_that_has_it()
    {
        var layer = Sparse(90);
        var grid = new CodebookRounding(90, [.. Enumerable.Repeat<float[]>([-1.2f, -0.4f, 0, 0.3f, 1], Outputs)]);
        ErrorFeedback.Round(layer.Factor(), layer.Weights, Outputs, grid);

        AssertZeros(layer, index => grid.Levels[index] == 2);
    }

    [TestMethod]
    public void What_is_wanted_of_a_zero_counts_as_its_error()
    {
        var layer = Sparse(40);
        layer.Scales = Array.ConvertAll(layer.Scales, scale => scale * 16);
        var grid = new ByteRounding(40, layer.Scales);
        var noises = ErrorFeedback.Round(layer.Factor(), layer.Weights, Outputs, grid);

        foreach (var (expected, actual) in layer.Noises(grid.Levels).Zip(noises))
        {
            Assert.AreEqual(expected, actual, 1e-9 * expected);
        }
    }

    /// <summary>A layer of which two thirds of the weights are zero.</summary>
    private static CorrelatedLayer Sparse(int inputs)
    {
        var layer = CorrelatedLayer.Of(inputs, Outputs, inputs);
        var random = new Random(inputs);
        foreach (ref var weight in layer.Weights.AsSpan())
        {
            weight = random.Next(3) == 0 ? weight : 0;
        }

        // Coarse steps: what others are off is more than a level.
        layer.Scales = Array.ConvertAll(layer.Scales, scale => scale * 2);
        return layer;
    }

    private static void AssertZeros(CorrelatedLayer layer, Func<int, bool> isZero)
    {
        var zeros = Enumerable.Range(0, layer.Weights.Length).Where(index => layer.Weights[index] == 0).ToArray();
        Assert.IsNotEmpty(zeros);
        Assert.AreEqual(zeros.Length, zeros.Count(isZero));
        Assert.IsLessThan(layer.Weights.Length, Enumerable.Range(0, layer.Weights.Length).Count(isZero));
    }
}
