using System.Runtime.InteropServices;
using ModelBuildTasks.Corpus.Tests.Text;
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

    // What detectors of speech are made for: one window of half a thousand samples.
    private const int AudioWindow = 512;

    /// <summary>Rendered text in each image, a window of speech in each row of samples, zeros in each state, noise of a fixed seed in each other float input, and 16000 (a sample rate) or 0 in each integer input, in the first shapes on which the model runs; null where it runs on none.</summary>
    public static IReadOnlyDictionary<string, ModelValue>? For(ModelSession session)
    {
        if (!session.Inputs.All(port => port.IsNumeric))
        {
            return null;
        }

        var states = StatePairs.ByName(session.Ports, new HashSet<string>()).Select(pair => pair.Input.Name).ToHashSet(StringComparer.Ordinal);
        var attempts = from openAxes in (int[])[2, 1] from length in Lengths.Reverse() from integer in (long[])[16000, 0] select (openAxes, length, integer);
        foreach (var (openAxes, length, integer) in attempts)
        {
            var inputs = session.Inputs.ToDictionary(port => port.Name, ModelValue (port) => Make(port, states.Contains(port.Name), openAxes, length, integer), StringComparer.Ordinal);
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

    private static TensorValue Make(ModelPort port, bool isState, int openAxes, long length, long integer)
    {
        var (height, width) = port.Shape is [_, < 0] ? (1, Math.Min(length, AudioWindow)) : port.Shape is not [_, 3, _, _] ? (length, length) : length == Lengths[^1] ? Line : length == Lengths[^2] ? Page : (length, length);
        var shape = port.Shape
            .Select((dimension, axis) => (dimension, fromEnd: port.Shape.Length - axis))
            .Select(each => each.dimension > 0 ? each.dimension : each.fromEnd == port.Shape.Length && port.Shape.Length > 1 || each.fromEnd > openAxes ? 1 : each.fromEnd == 2 ? height : width)
            .ToArray();
        var count = shape.Aggregate(1L, (product, dimension) => product * dimension);
        var bytes = new byte[count * port.Type.SizeInBytes()];
        if (port.Type == DataType.Float && !isState)
        {
            Fill(MemoryMarshal.Cast<byte, float>(bytes.AsSpan()), shape);
        }
        else if (port.Type == DataType.Int64)
        {
            MemoryMarshal.Cast<byte, long>(bytes.AsSpan()).Fill(integer);
        }

        return new TensorValue(port.Type, shape, bytes);
    }

    // Images of three channels get what text readers are trained on: on noise a detector finds nothing, and nothing is not comparable. A row of samples is speech. Others get noise.
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

        if (shape is [1, AudioWindow])
        {
            Recording.Read(Path.Combine(Corpus.Folder, "speech.wav")).Loudest(AudioWindow).CopyTo(values);
            return;
        }

        var random = new Random(1);
        foreach (ref var value in values)
        {
            value = random.NextSingle() - 0.5f;
        }
    }
}
