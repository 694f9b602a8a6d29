using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>The floating-point outputs of a model's latest run, as floats, in buffers that every run uses again.</summary>
internal sealed class RunOutputs
{
    private readonly StatefulRun run;
    private readonly IReadOnlyList<ModelPort> outputs;
    private readonly IReadOnlyList<string> names;
    private readonly int[] slots;
    private readonly float[][] buffers;
    private readonly int[] lengths;
    private readonly long[][] shapes;

    private RunOutputs(ModelSession session, IReadOnlyList<StatePair> states, IReadOnlyList<string> names)
    {
        run = new StatefulRun(session, states);
        outputs = session.Outputs;
        this.names = names;
        slots = [.. session.Outputs.Select(port => FloatConversion.IsKnown(port.Type) ? IndexOf(names, port.Name) : -1)];
        buffers = [.. names.Select(_ => Array.Empty<float>())];
        lengths = new int[names.Count];
        shapes = [.. names.Select(_ => Array.Empty<long>())];
    }

    /// <summary>How many outputs there are.</summary>
    public int Count => buffers.Length;

    /// <summary>The name of an output.</summary>
    public string Name(int output) => names[output];

    /// <summary>Room for the outputs of a model and of those made from it, in the order of the original.</summary>
    /// <param name="original">The model before.</param>
    /// <param name="compressed">The models after.</param>
    /// <param name="states">What each of them carries from run to run, for itself.</param>
    /// <exception cref="CompressionException">AIM9002: a compressed model lacks an output.</exception>
    public static (RunOutputs Original, RunOutputs[] Compressed) Of(ModelSession original, IReadOnlyList<ModelSession> compressed, IReadOnlyList<StatePair> states)
    {
        var names = original.Outputs.Where(port => FloatConversion.IsKnown(port.Type)).Select(port => port.Name).ToArray();
        foreach (var name in names)
        {
            if (!compressed.All(model => model.Outputs.Any(port => port.Name == name && FloatConversion.IsKnown(port.Type))))
            {
                throw new CompressionException(DiagnosticCodes.CompressedModelDoesNotRun, null, $"The compressed model lost the output '{name}'. This is a defect of ModelBuildTasks: please report it.");
            }
        }

        return (new RunOutputs(original, states, names), [.. compressed.Select(model => new RunOutputs(model, states, names))]);
    }

    /// <summary>The elements of an output, row-major; those of all tensors of a sequence, one after another.</summary>
    public ReadOnlySpan<float> Values(int output) => buffers[output].AsSpan(0, lengths[output]);

    /// <summary>The dimensions of an output; none where it is no tensor.</summary>
    public ReadOnlySpan<long> Shape(int output) => shapes[output];

    /// <summary>Runs the model and keeps its outputs.</summary>
    public void Run(Sample sample, CancellationToken cancellationToken)
    {
        Array.Clear(lengths);
        run.Run(run.Inputs(sample.Series, sample.Inputs), Keep, cancellationToken);
    }

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

        if (outputs[index].Kind == PortKind.Tensor && !shape.SequenceEqual(shapes[slot]))
        {
            shapes[slot] = shape.ToArray();
        }

        FloatConversion.ToSingles(type, bytes, Room(slot, FloatConversion.Count(type, bytes.Length)));
    }

    private Span<float> Room(int slot, int length)
    {
        if (buffers[slot].Length < lengths[slot] + length)
        {
            Array.Resize(ref buffers[slot], lengths[slot] + length);
        }

        var start = lengths[slot];
        lengths[slot] += length;
        return buffers[slot].AsSpan(start, length);
    }
}
