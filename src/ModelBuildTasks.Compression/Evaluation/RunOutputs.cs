using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>The floating-point outputs of a model's latest run, as floats, in buffers that every run uses again.</summary>
internal sealed class RunOutputs
{
    private readonly ModelSession session;
    private readonly int[] slots;
    private readonly float[][] buffers;
    private readonly int[] lengths;
    private readonly long[][] shapes;

    private RunOutputs(ModelSession session, IReadOnlyList<string> names)
    {
        this.session = session;
        slots = [.. session.Outputs.Select(port => IsFloatingPoint(port.Type) ? IndexOf(names, port.Name) : -1)];
        buffers = [.. names.Select(_ => Array.Empty<float>())];
        lengths = new int[names.Count];
        shapes = [.. names.Select(_ => Array.Empty<long>())];
    }

    /// <summary>How many outputs there are.</summary>
    public int Count => buffers.Length;

    /// <summary>Room for the outputs of two models, in the order of the original.</summary>
    /// <exception cref="CompressionException">AIM9002: the compressed model lacks an output.</exception>
    public static (RunOutputs Original, RunOutputs Compressed) Pair(ModelSession original, ModelSession compressed)
    {
        var names = original.Outputs.Where(port => IsFloatingPoint(port.Type)).Select(port => port.Name).ToArray();
        foreach (var name in names)
        {
            if (!compressed.Outputs.Any(port => port.Name == name && IsFloatingPoint(port.Type)))
            {
                throw new CompressionException(DiagnosticCodes.CompressedModelDoesNotRun, null, $"The compressed model lost the output '{name}'. This is a defect of ModelBuildTasks: please report it.");
            }
        }

        return (new RunOutputs(original, names), new RunOutputs(compressed, names));
    }

    /// <summary>The elements of an output, row-major.</summary>
    public ReadOnlySpan<float> Values(int output) => buffers[output].AsSpan(0, lengths[output]);

    /// <summary>The dimensions of an output.</summary>
    public ReadOnlySpan<long> Shape(int output) => shapes[output];

    /// <summary>Runs the model and keeps its outputs.</summary>
    public void Run(IReadOnlyDictionary<string, TensorValue> inputs, CancellationToken cancellationToken) => session.Run(inputs, Keep, cancellationToken);

    private static bool IsFloatingPoint(DataType type) => type is DataType.Float or DataType.Float16 or DataType.Double;

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
            {
                return i;
            }
        }

        return -1;
    }

    private void Keep(int index, DataType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes)
    {
        var slot = slots[index];
        if (slot < 0)
        {
            return;
        }

        if (!shape.SequenceEqual(shapes[slot]))
        {
            shapes[slot] = shape.ToArray();
        }

        switch (type)
        {
            case DataType.Float:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(Room(slot, bytes.Length / sizeof(float)));
                break;
            case DataType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), Room(slot, bytes.Length / 2));
                break;
            default:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, double>(bytes), Room(slot, bytes.Length / sizeof(double)));
                break;
        }
    }

    private Span<float> Room(int slot, int length)
    {
        if (buffers[slot].Length < length)
        {
            buffers[slot] = new float[length];
        }

        lengths[slot] = length;
        return buffers[slot].AsSpan(0, length);
    }
}
