using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace Benchmarks.Models;

/// <summary>A way to choose the scale of a block of four bits by its weights, in plain double precision: the best of some candidates by Σ h |w − ŵ|ᵖ, then steps that fit the scale to the levels and round again.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Candidates">How many of <see cref="BlockScales"/> are tried.</param>
/// <param name="Fits">Steps of the fit, each taken where the error falls.</param>
/// <param name="Importance">The h, by the weight and the mean square of its block.</param>
/// <param name="IsRobust">Whether p is 0.7 and the fit is half-quadratic splitting (HQQ: Badri and Shaji 2023, "Half-Quadratic Quantization of Large Machine Learning Models"); else p is 2 and the fit least squares.</param>
internal sealed record BlockScaleMethod(string Name, int Candidates, int Fits, Func<double, double, double> Importance, bool IsRobust = false) : IWeightRounder
{
    private const double Norm = 0.7;
    private const double FirstPenalty = 10;
    private const double PenaltyGrowth = 1.01;

    public static IReadOnlyList<BlockScaleMethod> All { get; } =
    [
        new("just holds the block", 1, 0, (_, _) => 1),
        new("best of 16 (before)", 16, 0, (_, _) => 1),
        new("best of 16, fit", 16, 3, (_, _) => 1),
        new("h = w², fit", 16, 3, (weight, _) => weight * weight),
        new("h = \\|w\\|, fit", 16, 3, (weight, _) => Math.Abs(weight)),
        new("h = rms + \\|w\\|, fit", 16, 3, (weight, mean) => Math.Sqrt(mean) + Math.Abs(weight)),
        new("h = √(mean + w²), fit", 16, 3, (weight, mean) => Math.Sqrt(mean + (weight * weight))),
        new("h = mean + w², fit", 16, 3, (weight, mean) => mean + (weight * weight)),
        new("h = √(mean + w²)", 16, 0, (weight, mean) => Math.Sqrt(mean + (weight * weight))),
        new("HQQ, p = 0.7", 16, 10, (_, _) => 1, IsRobust: true),
    ];

    /// <inheritdoc/>
    public QuantizedWeight ToBytes(ByteGrid grid, Func<long, PayloadWriter> newPayload) => NearestRounder.Instance.ToBytes(grid, newPayload);

    /// <inheritdoc/>
    public CodebookWeight ToCodebook(CodebookGrid grid, Func<long, PayloadWriter> newPayload) => NearestRounder.Instance.ToCodebook(grid, newPayload);

    /// <inheritdoc/>
    public BlockQuantizedWeight ToBlocks(LayerWeight weight, BlockGrid chosen, Func<long, PayloadWriter> newPayload)
    {
        var (values, layout, isSymmetric) = (weight.Tensor.Singles().ToArray(), chosen.Layout, chosen.ZeroPoints is null);
        var grid = new BlockGrid(layout, new float[layout.Blocks], true, isSymmetric ? null : new byte[layout.Blocks]);
        for (var index = 0; index < layout.Blocks; index++)
        {
            var start = layout.Start(index);
            var block = Enumerable.Range(0, layout.Length(index)).Select(place => (double)values[start + ((long)place * layout.Inner)]).ToArray();
            var own = Choose(block, isSymmetric);
            grid.Scales[index] = (float)own.Scale;
            if (grid.ZeroPoints is not null)
            {
                grid.ZeroPoints[index] = (byte)own.ZeroPoint;
            }
        }

        return BlockQuantizer.Round(new SinglesReader(values), grid, newPayload);
    }

    private Grid Choose(double[] block, bool isSymmetric)
    {
        var (minimum, maximum) = ((float)Math.Min(0, block.Min()), (float)Math.Max(0, block.Max()));
        var mean = block.Sum(weight => weight * weight) / block.Length;
        var best = Enumerable.Range(0, Candidates).Select(index => Candidate(index, minimum, maximum, isSymmetric)).MinBy(candidate => Error(block, candidate, mean));
        var (current, penalty, least) = (best, FirstPenalty, Error(block, best, mean));
        for (var step = 0; step < Fits; step++)
        {
            current = Fit(block, IsRobust ? Without(block, current, penalty) : block, current, mean, isSymmetric);
            penalty *= PenaltyGrowth;
            var error = Error(block, current, mean);
            if (error < least)
            {
                (best, least) = (current, error);
            }
            else if (!IsRobust)
            {
                break;
            }
        }

        return best;
    }

    private static Grid Candidate(int index, float minimum, float maximum, bool isSymmetric)
    {
        var (scale, zeroPoint) = isSymmetric ? (BlockScales.Symmetric(index, minimum, maximum), BlockScales.SymmetricZero) : BlockScales.WithZeroPoint(index, minimum, maximum);
        return new Grid(Stored(scale), zeroPoint);
    }

    /// <summary>The least squares of the levels that the weights have now, in the scale and, where there is one, the zero point.</summary>
    private Grid Fit(double[] block, double[] target, Grid grid, double mean, bool isSymmetric)
    {
        var (sum, ofTarget, ofLevels, ofBoth, ofSquares) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < block.Length; i++)
        {
            var (weight, level) = (Importance(block[i], mean), grid.Level(block[i]) + grid.ZeroPoint);
            (sum, ofTarget, ofLevels, ofBoth, ofSquares) = (sum + weight, ofTarget + (weight * target[i]), ofLevels + (weight * level), ofBoth + (weight * target[i] * level), ofSquares + (weight * level * level));
        }

        var zeroPoint = grid.ZeroPoint;
        var determinant = (sum * ofSquares) - (ofLevels * ofLevels);
        var slope = isSymmetric || determinant == 0 ? 0 : ((sum * ofBoth) - (ofLevels * ofTarget)) / determinant;
        if (slope != 0)
        {
            zeroPoint = (int)Math.Clamp(Math.Round(((slope * ofLevels) - ofTarget) / sum / slope), 0, 15);
        }

        var squares = ofSquares - (2 * zeroPoint * ofLevels) + (zeroPoint * zeroPoint * sum);
        return new Grid(Stored((float)(squares == 0 ? 0 : (ofBoth - (zeroPoint * ofTarget)) / squares)), zeroPoint);
    }

    /// <summary>The weights without their large errors: what shrinking by the norm leaves of each, in units of the scale.</summary>
    private static double[] Without(double[] block, Grid grid, double penalty)
    {
        var unit = Math.Abs(grid.Scale);
        return Array.ConvertAll(block, weight =>
        {
            var rest = (weight - (grid.Level(weight) * grid.Scale)) / unit;
            return weight - (Math.Sign(rest) * Math.Max(0, Math.Abs(rest) - (Math.Pow(Math.Abs(rest) + 1e-9, Norm - 1) / penalty)) * unit);
        });
    }

    private double Error(double[] block, Grid grid, double mean) => block.Sum(weight =>
    {
        var rest = Math.Abs(weight - (grid.Level(weight) * grid.Scale));
        return Importance(weight, mean) * (IsRobust ? Math.Pow(rest, Norm) : rest * rest);
    });

    private static double Stored(float scale) => BlockScales.NotZero((float)(Half)scale);

    private readonly record struct Grid(double Scale, int ZeroPoint)
    {
        public double Level(double weight) => Math.Clamp(Math.Round(weight / Scale), -ZeroPoint, 15 - ZeroPoint);
    }
}
