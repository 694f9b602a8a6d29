using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Corpus.Tests.Models;

/// <summary>Inputs for models that come without test data.</summary>
internal static class MadeUpInputs
{
    // Every open dimension is 1 but the last two (image heights and widths) or the last (audio frames), which are one of these.
    private static readonly long[] Lengths = [1, 64, 320, 512, 1536];

    // Images are a line of text first, as classifiers and recognizers read it; a detector refuses 48 rows and gets a page.
    private static readonly (long Height, long Width) Line = (48, 320);
    private static readonly (long Height, long Width) Page = (960, 960);

    /// <summary>A page of strokes in each image, noise of a fixed seed in each other float input, and 16000 (a sample rate) or 0 in each integer input, in the first shapes on which the model runs; null where it runs on none.</summary>
    public static IReadOnlyDictionary<string, TensorValue>? For(ModelSession session)
    {
        var attempts = from openAxes in (int[])[2, 1] from length in Lengths.Reverse() from integer in (long[])[16000, 0] select (openAxes, length, integer);
        foreach (var (openAxes, length, integer) in attempts)
        {
            var inputs = session.Inputs.ToDictionary(port => port.Name, port => Make(port, openAxes, length, integer), StringComparer.Ordinal);
            try
            {
                session.Run(inputs, (_, _, _, _) => { }, CancellationToken.None);
                return inputs;
            }
            catch (CompressionException refused) when (refused.Code == DiagnosticCodes.ModelDoesNotRun)
            {
                // Not these shapes: the next ones are tried.
                continue;
            }
        }

        return null;
    }

    /// <summary>Strokes in one image of three channels, [1, 3, height, width].</summary>
    public static TensorValue Image(long height, long width)
    {
        var bytes = new byte[3 * height * width * sizeof(float)];
        Fill(MemoryMarshal.Cast<byte, float>(bytes.AsSpan()), [1, 3, height, width]);
        return new TensorValue(DataType.Float, [1, 3, height, width], bytes);
    }

    private static TensorValue Make(ModelPort port, int openAxes, long length, long integer)
    {
        var (height, width) = port.Shape is not [_, 3, _, _] ? (length, length) : length == Lengths[^1] ? Line : length == Lengths[^2] ? Page : (length, length);
        var shape = port.Shape
            .Select((dimension, axis) => (dimension, fromEnd: port.Shape.Length - axis))
            .Select(each => each.dimension > 0 ? each.dimension : each.fromEnd == port.Shape.Length && port.Shape.Length > 1 || each.fromEnd > openAxes ? 1 : each.fromEnd == 2 ? height : width)
            .ToArray();
        var count = shape.Aggregate(1L, (product, dimension) => product * dimension);
        var bytes = new byte[count * port.Type.SizeInBytes()];
        if (port.Type == DataType.Float)
        {
            Fill(MemoryMarshal.Cast<byte, float>(bytes.AsSpan()), shape);
        }
        else if (port.Type == DataType.Int64)
        {
            MemoryMarshal.Cast<byte, long>(bytes.AsSpan()).Fill(integer);
        }

        return new TensorValue(port.Type, shape, bytes);
    }

    // Images get what text readers are trained on, dark strokes in rows on a light page: on noise a detector finds nothing, and nothing is not comparable. Others get noise.
    private static void Fill(Span<float> values, long[] shape)
    {
        var random = new Random(1);
        foreach (ref var value in values)
        {
            value = random.NextSingle() - 0.5f;
        }

        if (shape is not [_, 3, var height, var width])
        {
            return;
        }

        for (var index = 0; index < values.Length; index++)
        {
            var (row, column) = (index / width % height, index % width);
            var (line, letter) = (row / 24, column / 10);
            var isInk = row % 24 is > 5 and < 19 && column % 10 < 7 && (line * 7 + letter) % 6 != 0 && (column % 10 is < 2 || (row % 24 / 3 + letter) % 3 == 0);
            values[index] = (isInk ? -0.8f : 0.8f) + 0.1f * values[index];
        }
    }
}
