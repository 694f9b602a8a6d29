using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.Float16;

/// <summary>Constants of a model as float16 beside their float form, each once, in the graph that defines it.</summary>
internal sealed class HalfConstants
{
    /// <summary>
    /// Rounding to 11 bits leaves about 74 dB. Where less is left, values are below the normal range of float16 (6.1e-5) and lose their digits, or all of themselves.
    /// </summary>
    private const double LeastDb = 60;

    /// <summary>Below it a float rounds to a finite float16: half a step above the largest one, 65504.</summary>
    private const float SmallestOverflow = 65520;

    private readonly Dictionary<TensorProto, Rounding> roundings = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(OnnxGraph Owner, string Name), string> names = [];

    /// <summary>What rounding makes of a tensor.</summary>
    private readonly record struct Rounding(LayerChange Change, float LargestFinite);

    /// <summary>Why a float tensor has no float16 form; null where it has.</summary>
    public string? WhyNot(string name, TensorProto tensor)
    {
        var (change, largest) = Round(tensor);
        return largest >= SmallestOverflow ? string.Create(CultureInfo.InvariantCulture, $"its constant '{name}' reaches {largest:G3}, beyond the 65504 of float16")
            : change.Noise > 0 && change.SqnrDb < LeastDb ? string.Create(CultureInfo.InvariantCulture, $"its constant '{name}' is so small that float16 leaves {change.SqnrDb:F0} dB of it")
            : null;
    }

    /// <summary>Bytes as float16 and the error of the rounding.</summary>
    public LayerChange Change(TensorProto tensor) => Round(tensor).Change;

    /// <summary>The float16 form of a constant in the graph that defines it.</summary>
    public string Add(string name, OnnxGraph graph)
    {
        var owner = graph.Owner(name)!;
        if (!names.TryGetValue((owner, name), out var half))
        {
            var tensor = owner.Constant(name)!;
            var values = new SinglesReader(tensor);
            var payload = owner.NewPayload(2 * values.Count);
            var buffer = new Half[Math.Min(values.Count, SinglesReader.LongestPart)];
            foreach (var (start, count) in values.Parts())
            {
                var halves = buffer.AsSpan(0, count);
                TensorPrimitives.ConvertToHalf(values.Read(start, count), halves);
                payload.Append(LittleEndian.Bytes<Half>(halves).ToArray());
            }

            names.Add((owner, name), half = owner.AddInitializer(TensorValues.Create(ValueNames.Stem(name) + "_h", DataType.Float16, payload.Finish(), [.. tensor.Dims])));
        }

        return half;
    }

    private Rounding Round(TensorProto tensor)
    {
        if (roundings.TryGetValue(tensor, out var known))
        {
            return known;
        }

        var values = new SinglesReader(tensor);
        var longest = (int)Math.Min(values.Count, SinglesReader.LongestPart);
        var (halves, rounded, finite) = (new Half[longest], new float[longest], new float[longest]);
        var (signal, noise, largest) = (0.0, 0.0, 0f);
        foreach (var (start, count) in values.Parts())
        {
            // Infinities stay what they are; so does NaN.
            var part = finite.AsSpan(0, count);
            values.Read(start, count).CopyTo(part);
            foreach (ref var value in part)
            {
                value = float.IsFinite(value) ? value : 0;
            }

            largest = Math.Max(largest, AbsoluteMaximum.Of(part));
            TensorPrimitives.ConvertToHalf(part, halves);
            TensorPrimitives.ConvertToSingle(halves.AsSpan(0, count), rounded);
            var (partSignal, partNoise) = ErrorEnergy.Accumulate(part, rounded.AsSpan(0, count));
            signal += partSignal;
            noise += partNoise;
        }

        return roundings[tensor] = new(new LayerChange(2 * values.Count, signal, noise), largest);
    }
}
