using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.SecondOrder;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>Rounders as writers ask them: one that records, one that gives what was rounded before.</summary>
[TestClass]
public sealed class WeightRounderTests
{
    [TestMethod]
    [DataRow(QuantizationMode.Int8Weights)]
    [DataRow(QuantizationMode.Int4Weights)]
    [DataRow(QuantizationMode.Int8Dynamic)]
    public void A_pass_writes_with_the_recording_rounder_what_it_writes_with_the_nearest(QuantizationMode mode)
    {
        using var trial = new RoundingTrial(Network(), [40, 200], Formats(mode));

        Assert.AreEqual(trial.Written(NearestRounder.Instance), trial.Recorded);
        Assert.IsNotEmpty(trial.Targets);
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8Weights)]
    [DataRow(QuantizationMode.Int4Weights)]
    [DataRow(QuantizationMode.Int8Dynamic)]
    public void A_pass_writes_the_same_model_but_for_levels_with_rounded_weights(QuantizationMode mode)
    {
        using var trial = new RoundingTrial(Network(), [40, 200], Formats(mode));
        var (recorded, result) = (trial.Recorded.Clone(), trial.Result.Clone());

        Assert.AreNotEqual(recorded, result);
        foreach (var (before, after) in recorded.Graph.Initializer.Zip(result.Graph.Initializer).Where(pair => pair.First.ElementType() is TensorProto.Types.DataType.Int8 or TensorProto.Types.DataType.Uint8))
        {
            after.RawData = before.RawData;
        }

        Assert.AreEqual(recorded, result);
    }

    [TestMethod]
    public void Bytes_have_the_scales_of_their_grid_and_tell_signal_and_noise()
    {
        using var trial = new RoundingTrial(Network(), [40, 200]);
        var (layer, weight, _) = trial.Told[0];
        var grid = ((ByteTarget)layer.Target).Bytes with { Weight = layer.Weight };
        var quantized = trial.Rounded.ToBytes(grid, length => new PayloadWriter(length));

        CollectionAssert.AreEqual(MemoryMarshal.AsBytes(weight.Levels.AsSpan()).ToArray(), quantized.Values.ToByteArray());
        CollectionAssert.AreEqual(grid.Scales, quantized.Scales);
        AssertEnergies(layer.Weight, quantized.Restored(layer.Weight.Axis), quantized.Signal, quantized.Noise);
    }

    [TestMethod]
    public void Blocks_have_the_scales_of_their_grid_and_tell_signal_and_noise()
    {
        using var trial = new RoundingTrial(Network(), [40, 200], Formats(QuantizationMode.Int4Weights));
        var (layer, weight, _) = trial.Told[0];
        var grid = ((BlockTarget)layer.Target).Blocks;
        var quantized = trial.Rounded.ToBlocks(layer.Weight, grid, length => new PayloadWriter(length));

        CollectionAssert.AreEqual(grid.Scales, quantized.Scales);
        AssertEnergies(layer.Weight, quantized.Restored(), quantized.Signal, quantized.Noise);
        var levels = weight.Levels;
        foreach (var part in quantized.Restored())
        {
            for (var i = 0; i < part.Values.Length; i++)
            {
                var (input, output) = Math.DivRem((int)part.Start + i, 96);
                var block = (output * grid.Layout.BlocksPerRow) + (input / grid.Layout.Size);
                Assert.AreEqual((levels[part.Start + i] - grid.ZeroPoint(block)) * grid.Scales[block], part.Values.Span[i]);
            }
        }
    }

    [TestMethod]
    public void A_grid_with_other_values_is_left_to_the_nearest()
    {
        using var trial = new RoundingTrial(Network(), [40, 200]);
        var layer = trial.Told[0].Layer;
        var grid = ((ByteTarget)layer.Target).Bytes with { Weight = layer.Weight };
        foreach (var other in new[]
        {
            grid with { Scales = Array.ConvertAll(grid.Scales, scale => scale * 1.1f) },
            grid with { Factor = 0.5f },
            grid with { Bound = new PairBound(new PairOrder(200, 1), 128) },
        })
        {
            Assert.AreEqual(NearestRounder.Instance.ToBytes(other, length => new PayloadWriter(length)).Values, trial.Rounded.ToBytes(other, length => new PayloadWriter(length)).Values);
        }
    }

    [TestMethod]
    public void Blocks_with_other_values_are_left_to_the_nearest()
    {
        using var trial = new RoundingTrial(Network(), [40, 200], Formats(QuantizationMode.Int4Weights));
        var layer = trial.Told[0].Layer;
        var grid = ((BlockTarget)layer.Target).Blocks;
        foreach (var other in new[]
        {
            grid with { Scales = Array.ConvertAll(grid.Scales, scale => scale * 2) },
            grid with { ZeroPoints = Array.ConvertAll(grid.ZeroPoints!, zeroPoint => (byte)(15 - zeroPoint)) },
            grid with { ZeroPoints = null },
        })
        {
            Assert.AreEqual(NearestRounder.Instance.ToBlocks(layer.Weight, other, length => new PayloadWriter(length)).Values, trial.Rounded.ToBlocks(layer.Weight, other, length => new PayloadWriter(length)).Values);
        }
    }

    [TestMethod]
    public void A_weight_that_nobody_rounded_is_left_to_the_nearest()
    {
        using var trial = new RoundingTrial(Network(), [40, 200]);
        var layer = trial.Told[0].Layer;
        var grid = ((ByteTarget)layer.Target).Bytes with { Weight = layer.Weight };

        Assert.AreEqual(NearestRounder.Instance.ToBytes(grid, length => new PayloadWriter(length)).Values, new RoundedWeights().ToBytes(grid, length => new PayloadWriter(length)).Values);
    }

    [TestMethod]
    public void A_weight_that_is_stored_in_two_ways_has_no_target()
    {
        using var layer = SingleLayer.MatMul([6, 24], [24, 8]);
        var recorder = new RecordingRounder();
        var grid = new ByteGrid(layer.Weight, 1, null, [.. Enumerable.Repeat(0.01f, 8)]);
        recorder.ToBytes(grid, length => new PayloadWriter(length));
        Assert.HasCount(1, recorder.Targets);

        recorder.ToBytes(grid with { Factor = 2 }, length => new PayloadWriter(length));

        Assert.IsEmpty(recorder.Targets);
    }

    [TestMethod]
    [DataRow("Gemm along the other axis")]
    [DataRow("Gather")]
    [DataRow("Transpose")]
    [DataRow("branch")]
    public void A_weight_that_is_read_in_another_way_too_is_left_to_the_nearest(string reader)
    {
        var builder = ModelBuilder.Create().Input("x", 8, 64).Constant("w", RandomTensors.Weight(1, 64, 64)).Node("Gemm", ["x", "w"], ["h"], "layer", ("transB", 1));
        _ = reader switch
        {
            "Gather" => builder.Constant("row", [3L], 1).Node("Gather", ["w", "row"], ["table"]).Node("Add", ["h", "table"], ["y"]).Output("y"),
            "Transpose" => builder.Node("Transpose", ["w"], ["t"]).Output("t").Node("Tanh", ["h"], ["y"]).Output("y"),
            "branch" => builder.Constant("c", new TensorProto { DataType = (int)TensorProto.Types.DataType.Bool, Int32Data = { 1 } }).Node("If", ["c"], ["y"], "choice", ("then_branch", Branch()), ("else_branch", Branch())).Output("y"),
            _ => builder.Node("Gemm", ["h", "w"], ["y"], "across").Output("y"),
        };
        using var trial = new RoundingTrial(builder, [8, 64]);

        Assert.IsEmpty(trial.Told);
        Assert.AreEqual(trial.Recorded, trial.Result);

        static GraphProto Branch() => ModelBuilder.Subgraph(branch => branch.Node("MatMul", ["h", "w"], ["inner"], "hidden").Output("inner"));
    }

    [TestMethod]
    public void Each_reader_of_a_weight_has_the_output_error_of_its_layer()
    {
        using var trial = new RoundingTrial(Network(), [40, 200]);

        Assert.AreEqual(trial.Told[0].Weight.SqnrDb, trial.Rounded.OutputSqnrDb("first"));
        Assert.AreEqual(trial.Told[1].Weight.SqnrDb, trial.Rounded.OutputSqnrDb("second"));
        Assert.IsNull(trial.Rounded.OutputSqnrDb("third"));
    }

    private static FormatAssignment Formats(QuantizationMode mode) => mode switch
    {
        QuantizationMode.Int4Weights => FormatAssignment.Int4Weights(new BlockOptions(32, false)),
        QuantizationMode.Int8Dynamic => FormatAssignment.Int8Dynamic,
        _ => FormatAssignment.Int8Weights,
    };

    private static ModelBuilder Network() => ModelBuilder.Create(21).Input("x", 40, 200).Constant("w1", RandomTensors.Weight(1, 200, 96)).Constant("w2", RandomTensors.Weight(2, 96, 96))
        .Node("MatMul", ["x", "w1"], ["p"], "first").Node("Tanh", ["p"], ["h"]).Node("MatMul", ["h", "w2"], ["y"], "second").Output("y");

    private static void AssertEnergies(LayerWeight weight, IEnumerable<RestoredPart> parts, double signal, double noise)
    {
        var (values, plainSignal, plainNoise) = (weight.Tensor.Singles().ToArray(), 0.0, 0.0);
        foreach (var part in parts)
        {
            for (var i = 0; i < part.Values.Length; i++)
            {
                var value = (double)values[(int)part.Start + i];
                (plainSignal, plainNoise) = (plainSignal + (value * value), plainNoise + Math.Pow(value - part.Values.Span[i], 2));
            }
        }

        Assert.AreEqual(plainSignal, signal, 1e-6 * plainSignal);
        Assert.AreEqual(plainNoise, noise, 1e-6 * plainNoise);
    }
}
