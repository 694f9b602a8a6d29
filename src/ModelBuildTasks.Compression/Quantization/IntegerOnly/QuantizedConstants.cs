using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>Constants that stand where activations do, stored as these are: in their type, with one scale and a zero point.</summary>
internal sealed class QuantizedConstants(OnnxGraph graph)
{
    private readonly SharedConstants constants = new(graph);
    private readonly Dictionary<string, (QuantizedValue Value, LayerChange Change)> known = [];

    /// <summary>The type of all activations: the one that is in the graph already.</summary>
    private readonly DataType type = graph.Nodes.FirstOrDefault(node => node.OpType == "QuantizeLinear") is { } quantize ? graph.Constant(quantize.Input[2])!.ElementType() : DataType.Uint8;

    /// <summary>The bytes of a constant, and what its change cost; made once.</summary>
    public (QuantizedValue Value, LayerChange Change) Of(string name)
    {
        if (!known.TryGetValue(name, out var quantized))
        {
            known.Add(name, quantized = Quantize(name));
        }

        return quantized;
    }

    /// <summary>A scalar with a number as bytes store it, saturated.</summary>
    /// <param name="number">The number.</param>
    /// <param name="like">Bytes whose scale it takes.</param>
    public string OfNumber(float number, QuantizedValue like) => constants.Add(TensorValues.Create("v", type, ByteString.CopyFrom(Bytes([number], like.Quantization(graph)))));

    private (QuantizedValue Value, LayerChange Change) Quantize(string name)
    {
        var constant = graph.Constant(name)!;
        var parameters = ActivationParameters.FromRange(ConstantRange.Of(constant)!.Value);
        var quantization = new PortQuantization(parameters.Scale, type == DataType.Int8 ? parameters.SignedZeroPoint : parameters.ZeroPoint);
        var values = new SinglesReader(constant);
        var payload = graph.NewPayload(values.Count);
        var restored = new float[(int)Math.Min(values.Count, SinglesReader.LongestPart)];
        var change = new LayerChange(values.Count + sizeof(float) + 1, 0, 0);
        foreach (var (start, count) in values.Parts())
        {
            var part = values.Read(start, count);
            var bytes = Bytes(part, quantization);
            payload.Append(bytes);
            var (signal, noise) = ErrorEnergy.Accumulate(part, Restore(bytes, restored.AsSpan(0, count), quantization));
            change += new LayerChange(0, signal, noise);
        }

        var stem = ValueNames.Stem(name);
        var stored = new QuantizedValue(
            graph.AddInitializer(TensorValues.Create(stem + "_q", type, payload.Finish(), [.. constant.Dims])),
            constants.Add(TensorValues.Create(stem + "_s", [parameters.Scale])),
            constants.Add(TensorValues.Create(string.Create(CultureInfo.InvariantCulture, $"z_{quantization.ZeroPoint}"), type, ByteString.CopyFrom(unchecked((byte)quantization.ZeroPoint)))));
        return (stored, change);
    }

    private byte[] Bytes(ReadOnlySpan<float> values, PortQuantization quantization)
    {
        var bytes = new byte[values.Length];
        if (type == DataType.Int8)
        {
            QuantizeLinear.ToInt8(values, MemoryMarshal.Cast<byte, sbyte>(bytes.AsSpan()), quantization.Scale, quantization.ZeroPoint, sbyte.MinValue, sbyte.MaxValue);
        }
        else
        {
            QuantizeLinear.ToUInt8(values, bytes, quantization.Scale, quantization.ZeroPoint, byte.MinValue, byte.MaxValue);
        }

        return bytes;
    }

    private Span<float> Restore(byte[] bytes, Span<float> values, PortQuantization quantization)
    {
        // An unsigned byte is the signed one that is 128 less, and so is its zero point.
        var offset = type == DataType.Int8 ? 0 : sbyte.MinValue;
        var signed = Array.ConvertAll(bytes, value => unchecked((sbyte)(value + offset)));
        DequantizeLinear.FromInt8(signed, values, quantization.Scale, quantization.ZeroPoint + offset);
        return values;
    }
}
