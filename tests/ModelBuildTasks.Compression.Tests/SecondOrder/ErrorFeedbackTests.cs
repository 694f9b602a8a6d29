using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.SecondOrder;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>Error feedback against the best of all levels, against the published form of the method, and against what it must not be.</summary>
[TestClass]
public sealed class ErrorFeedbackTests
{
    private static readonly float[] codebook = [-2.5f, -1.4f, -0.8f, -0.45f, -0.2f, 0, 0.15f, 0.3f, 0.5f, 0.9f, 1.3f, 2];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void It_is_near_the_best_of_all_levels_in_the_mean()
    {
        var (fed, nearest, best) = (0.0, 0.0, 0.0);
        for (var seed = 1; seed <= 100; seed++)
        {
            var layer = Coarse(CorrelatedLayer.Of(4, 6, seed));
            var optimum = Best(layer);
            var chosen = layer.Noises(Bytes(layer));
            for (var output = 0; output < layer.Outputs; output++)
            {
                Assert.IsGreaterThanOrEqualTo(optimum[output] * (1 - 1e-9), chosen[output]);
            }

            (fed, nearest, best) = (fed + chosen.Sum(), nearest + layer.Noises(Bytes(layer, feedsBack: false)).Sum(), best + optimum.Sum());
        }

        TestContext.WriteLine($"error of feedback {fed / best:F3}, of nearest values {nearest / best:F3} times that of the best levels");
        Assert.IsLessThan(1.25, fed / best);
        Assert.IsGreaterThan(2, nearest / best);
    }

    [TestMethod]
    public void Where_inputs_are_independent_it_gives_the_nearest_values_which_are_the_best()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var layer = Coarse(CorrelatedLayer.Independent(4, 6, seed));
            var levels = Bytes(layer);

            CollectionAssert.AreEqual(Bytes(layer, feedsBack: false), levels);
            foreach (var (optimum, noise) in Best(layer).Zip(layer.Noises(levels)))
            {
                Assert.AreEqual(optimum, noise, 1e-9 * optimum);
            }
        }
    }

    [TestMethod]
    public void The_inputs_of_most_weight_are_rounded_first()
    {
        var layer = CorrelatedLayer.Of(9, 1, 5);
        var diagonal = Enumerable.Range(0, 9).Select(input => layer.Hessian[(input * 9) + input]).ToArray();

        CollectionAssert.AreEqual(Enumerable.Range(0, 9).OrderByDescending(input => diagonal[input]).ToArray(), ExplicitInverse.FirstToLast(layer.Factor()));
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(2, 4)]
    [DataRow(5, 3)]
    [DataRow(33, 17)]
    [DataRow(64, 5)]
    [DataRow(65, 5)]
    [DataRow(130, 40)]
    [DataRow(200, 9)]
    public void Bytes_are_those_of_the_published_method(int inputs, int outputs)
    {
        foreach (var bits in new[] { 8, 3 })
        {
            var layer = CorrelatedLayer.Of(inputs, outputs, inputs + outputs);
            layer.Scales = bits == 8 ? layer.Scales : Array.ConvertAll(layer.Scales, scale => scale * 32);

            CollectionAssert.AreEqual(ExplicitInverse.Round(layer, ExplicitInverse.FirstToLast(layer.Factor()), (_, output, value) => Byte(layer, output, value)), Bytes(layer));
        }
    }

    [TestMethod]
    [DataRow(5, 3, false)]
    [DataRow(33, 17, true)]
    [DataRow(33, 17, false)]
    [DataRow(130, 40, false)]
    public void Blocks_of_four_bits_are_those_of_the_published_method(int inputs, int outputs, bool isSymmetric)
    {
        const int Rows = 7;
        var layer = CorrelatedLayer.Of(inputs, outputs, inputs + outputs);
        var random = new Random(inputs);
        var layout = new BlockLayout(outputs + Rows, inputs, 1, 16);
        var grid = new BlockGrid(
            layout,
            [.. Enumerable.Range(0, layout.Blocks).Select(_ => (random.Next(2) == 0 ? 1 : -1) * (0.1f + (0.3f * random.NextSingle())))],
            ScalesAreHalf: false,
            isSymmetric ? null : [.. Enumerable.Range(0, layout.Blocks).Select(_ => (byte)random.Next(4, 12))]);
        var rounding = new BlockRounding(grid, Rows, outputs);
        ErrorFeedback.Round(layer.Factor(), layer.Weights, outputs, rounding);

        CollectionAssert.AreEqual(ExplicitInverse.Round(layer, ExplicitInverse.FirstToLast(layer.Factor()), Nearest), rounding.Levels);

        (sbyte Level, double Restored) Nearest(int input, int output, double value)
        {
            var block = ((Rows + output) * layout.BlocksPerRow) + (input / 16);
            var zero = isSymmetric ? 8 : grid.ZeroPoints![block];
            var level = Enumerable.Range(0, 16).MinBy(level => Math.Abs(value - ((level - zero) * (double)grid.Scales[block])));
            return ((sbyte)level, (level - zero) * grid.Scales[block]);
        }
    }

    [TestMethod]
    [DataRow(5, 3)]
    [DataRow(33, 17)]
    [DataRow(130, 40)]
    public void Values_of_a_codebook_are_those_of_the_published_method(int inputs, int outputs)
    {
        var layer = CorrelatedLayer.Of(inputs, outputs, inputs + outputs);
        var rounding = new CodebookRounding(inputs, [.. Enumerable.Repeat(codebook, outputs)]);
        ErrorFeedback.Round(layer.Factor(), layer.Weights, outputs, rounding);

        CollectionAssert.AreEqual(
            ExplicitInverse.Round(layer, ExplicitInverse.FirstToLast(layer.Factor()), (_, _, value) => Enumerable.Range(0, codebook.Length).MinBy(index => Math.Abs(value - codebook[index])) is var index ? ((sbyte)index, codebook[index]) : default),
            rounding.Levels);
    }

    /// <summary>A form that took columns of the factor where the method takes rows would feed zeros back and give nearest values.</summary>
    [TestMethod]
    [DataRow(33, 17)]
    [DataRow(130, 40)]
    public void Errors_are_spread(int inputs, int outputs)
    {
        var layer = CorrelatedLayer.Of(inputs, outputs, 3);
        var (levels, nearest) = (Bytes(layer), Bytes(layer, feedsBack: false));
        var moved = levels.Zip(nearest).Count(pair => pair.First != pair.Second);
        var gain = 10 * Math.Log10(layer.Noises(nearest).Sum() / layer.Noises(levels).Sum());

        TestContext.WriteLine($"{moved} of {levels.Length} weights are not the nearest, {gain:F1} dB less error");
        Assert.IsGreaterThan(levels.Length / 5, moved);
        Assert.IsGreaterThan(3, gain);
    }

    [TestMethod]
    public void Without_feedback_every_weight_becomes_the_nearest_value()
    {
        var layer = CorrelatedLayer.Of(70, 3, 4);

        CollectionAssert.AreEqual(layer.Weights.Select((weight, i) => layer.Nearest(i % 3, weight)).ToArray(), Bytes(layer, feedsBack: false));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(33)]
    [DataRow(130)]
    public void The_noise_told_is_that_of_the_errors(int inputs)
    {
        foreach (var feedsBack in new[] { true, false })
        {
            var layer = CorrelatedLayer.Of(inputs, 7, inputs);
            var grid = new ByteRounding(inputs, layer.Scales);
            AssertNear(() => ErrorFeedback.Round(layer.Factor(), layer.Weights, 7, grid, feedsBack), () => layer.Noises(grid.Levels));
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(33)]
    [DataRow(130)]
    public void The_noise_told_of_pairs_is_that_of_the_errors(int inputs)
    {
        foreach (var feedsBack in new[] { true, false })
        {
            var layer = CorrelatedLayer.Of(inputs, 7, inputs);
            var grid = new PairedByteRounding(inputs, layer.Scales, new PairBound(new PairOrder(inputs, 1), 128));
            AssertNear(() => ErrorFeedback.Round(layer.Factor(Pairs.Units(grid, inputs)), layer.Weights, 7, grid, feedsBack), () => layer.Noises(grid.Levels));
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(64)]
    [DataRow(65)]
    [DataRow(130)]
    public void The_signal_told_is_that_of_the_weights(int inputs)
    {
        var layer = CorrelatedLayer.Of(inputs, 7, inputs);

        AssertNear(() => layer.Factor().Energies(layer.Weights, 7), () => layer.Energies((input, output) => layer.Weights[(input * 7) + output]));
    }

    [TestMethod]
    public void An_input_that_is_always_zero_changes_nothing_else_and_gets_its_nearest_values()
    {
        const int Dead = 3;
        var layer = CorrelatedLayer.Of(9, 4, 8);
        for (var other = 0; other < 9; other++)
        {
            (layer.Hessian[(Dead * 9) + other], layer.Hessian[(other * 9) + Dead]) = (0, 0);
        }

        var levels = Bytes(layer);

        Assert.AreEqual(Dead, layer.Factor().Order[0]);
        CollectionAssert.AreEqual(Bytes(layer, feedsBack: false)[(Dead * 4)..((Dead + 1) * 4)], levels[(Dead * 4)..((Dead + 1) * 4)]);
    }

    [TestMethod]
    public void Where_all_inputs_are_always_zero_every_weight_becomes_the_nearest_value()
    {
        var layer = CorrelatedLayer.Of(9, 4, 8);
        layer.Hessian.AsSpan().Clear();

        CollectionAssert.AreEqual(Bytes(layer, feedsBack: false), Bytes(layer));
    }

    [TestMethod]
    public void A_Hessian_of_fewer_rows_than_inputs_has_a_factor()
    {
        var layer = CorrelatedLayer.Of(40, 3, 1);
        var row = layer.Weights.AsSpan(0, 40).ToArray();
        for (var i = 0; i < layer.Hessian.Length; i++)
        {
            layer.Hessian[i] = row[i / 40] * row[i % 40];
        }

        var grid = new ByteRounding(40, layer.Scales);
        AssertNear(() => ErrorFeedback.Round(layer.Factor(), layer.Weights, 3, grid), () => layer.Noises(grid.Levels));
        Assert.IsLessThan(layer.Noises(Bytes(layer, feedsBack: false)).Sum(), layer.Noises(grid.Levels).Sum());
    }

    /// <summary>Errors that are taken back on a few rows must not grow on all others.</summary>
    [TestMethod]
    [DataRow(10)]
    [DataRow(30)]
    [DataRow(120)]
    public void Few_rows_of_independent_inputs_make_little_worse(int rows)
    {
        const int Inputs = 80;
        var (random, layer) = (new Random(rows), CorrelatedLayer.Of(Inputs, 16, 1));
        var hessian = new LayerHessian(Inputs);
        hessian.Add(RandomTensors.Singles(random, rows * Inputs));
        var grid = new ByteRounding(Inputs, layer.Scales);
        ErrorFeedback.Round(LayerFactor.Of(hessian.Matrix(), rows, [.. Enumerable.Range(0, Inputs).Select(input => new[] { input })], 1), layer.Weights, 16, grid);

        // What inputs of no rows at all, each of the same weight, would give.
        double Plain(sbyte[] levels) => layer.Weights.Select((weight, i) => Math.Pow(weight - layer.Restored(levels, i / 16, i % 16), 2)).Sum();
        Assert.IsLessThan(1.2 * Plain(Bytes(layer, feedsBack: false)), Plain(grid.Levels));
    }

    private static void AssertNear(Func<double[]> actual, Func<double[]> expected)
    {
        var told = actual();
        foreach (var (plain, one) in expected().Zip(told))
        {
            Assert.AreEqual(plain, one, 1e-9 * plain);
        }
    }

    /// <summary>Levels of about four bits, so that errors are large against weights and four levels around each hold the best.</summary>
    private static CorrelatedLayer Coarse(CorrelatedLayer layer)
    {
        layer.Scales = Array.ConvertAll(layer.Scales, scale => scale * 16);
        return layer;
    }

    private static (sbyte Level, double Restored) Byte(CorrelatedLayer layer, int output, double value) => layer.Nearest(output, value) is var level ? (level, level * layer.Scales[output]) : default;

    private static sbyte[] Bytes(CorrelatedLayer layer, bool feedsBack = true)
    {
        var grid = new ByteRounding(layer.Inputs, layer.Scales);
        ErrorFeedback.Round(layer.Factor(), layer.Weights, layer.Outputs, grid, feedsBack);
        return grid.Levels;
    }

    /// <summary>The least error of each output over six levels around each weight of four inputs.</summary>
    private static double[] Best(CorrelatedLayer layer)
    {
        const int Candidates = 6;
        var (damped, best) = (layer.Damped(), new double[layer.Outputs]);
        for (var output = 0; output < layer.Outputs; output++)
        {
            var (least, errors) = (double.MaxValue, new double[4]);
            for (var combination = 0; combination < Candidates * Candidates * Candidates * Candidates; combination++)
            {
                for (var (input, rest) = (0, combination); input < 4; input++, rest /= Candidates)
                {
                    var weight = layer.Weights[(input * layer.Outputs) + output];
                    errors[input] = weight - ((float)(Math.Floor(weight / layer.Scales[output]) - 2 + (rest % Candidates)) * layer.Scales[output]);
                }

                var noise = 0.0;
                for (var i = 0; i < damped.Length; i++)
                {
                    noise += errors[i / 4] * damped[i] * errors[i % 4];
                }

                least = Math.Min(least, noise);
            }

            best[output] = least;
        }

        return best;
    }
}
