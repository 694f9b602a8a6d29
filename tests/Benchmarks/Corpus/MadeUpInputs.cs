using System.Runtime.InteropServices;
using Benchmarks.Text;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace Benchmarks.Corpus;

/// <summary>Inputs for models that come without test data.</summary>
internal static class MadeUpInputs
{
    // Every open dimension is 1 but the last two (image heights and widths) or the last (audio frames), which are one of these.
    private static readonly long[] Lengths = [1, 64, 320, 512, 1536];

    /// <summary>Rendered text in each image, noise of a fixed seed in each other float input, and 16000 (a sample rate) or 0 in each integer input, in the first shapes on which the model runs; null where it runs on none.</summary>
    public static IReadOnlyDictionary<string, ModelValue>? For(ModelSession session)
    {
        if (!session.Inputs.All(port => port.IsNumeric))
        {
            return null;
        }

        var attempts = from openAxes in (int[])[2, 1] from length in Lengths.Reverse() from integer in (long[])[16000, 0] select (openAxes, length, integer);
        foreach (var (openAxes, length, integer) in attempts)
        {
            var inputs = session.Inputs.ToDictionary(port => port.Name, ModelValue (port) => Make(port, openAxes, length, integer), StringComparer.Ordinal);
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

    private static TensorValue Make(ModelPort port, int openAxes, long length, long integer)
    {
        var shape = port.Shape.Select((dimension, axis) => dimension > 0 ? dimension : axis == 0 && port.Shape.Length > 1 || axis < port.Shape.Length - openAxes ? 1 : length).ToArray();
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

    // Images of three channels get what text readers are trained on: on noise a detector finds nothing, and nothing is not comparable. Others get noise.
    private static void Fill(Span<float> values, long[] shape)
    {
        if (shape is [_, 3, var height and > 1, var width and > 1])
        {
            var picture = 3 * (int)(height * width);
            for (var start = 0; start < values.Length; start += picture)
            {
                RenderedText.For(seed: 1 + (start / picture), (int)height, (int)width).CopyTo(values[start..]);
            }

            return;
        }

        var random = new Random(1);
        foreach (ref var value in values)
        {
            value = random.NextSingle() - 0.5f;
        }
    }
}
