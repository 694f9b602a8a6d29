using System.Collections.Concurrent;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>Runs a model over samples in their order and carries its states from each to the next. Without states it is the session alone.</summary>
internal sealed class StatefulRun
{
    private readonly ModelSession session;
    private readonly IReadOnlyList<StatePair> states;
    private readonly StatePair?[] stateOfOutput;
    // Outputs may be read on several threads.
    private readonly ConcurrentDictionary<string, TensorValue> carried = new(StringComparer.Ordinal);
    private string? series;

    /// <param name="session">The model.</param>
    /// <param name="states">What is carried.</param>
    public StatefulRun(ModelSession session, IReadOnlyList<StatePair> states)
    {
        this.session = session;
        this.states = states;
        stateOfOutput = [.. session.Outputs.Select(output => states.FirstOrDefault(state => state.Output.Name == output.Name && state.GrowingAxis < 0))];
    }

    /// <summary>
    /// All inputs of the next run: what the sample gives, and the states. A state starts as zeros with each series. A dynamic dimension of it is as long as the given inputs say by its name, else 1.
    /// A state that grows starts empty with each sample: a sample of such a model is a whole text, and its mask covers no other.
    /// </summary>
    /// <param name="series">The samples that follow one another; another one starts anew.</param>
    /// <param name="given">What the sample gives.</param>
    public IReadOnlyDictionary<string, ModelValue> Inputs(string series, IReadOnlyDictionary<string, ModelValue> given)
    {
        if (states.Count == 0)
        {
            return given;
        }

        if (series != this.series)
        {
            this.series = series;
            carried.Clear();
        }

        var inputs = new Dictionary<string, ModelValue>(given, StringComparer.Ordinal);
        foreach (var state in states)
        {
            inputs[state.Input.Name] = carried.GetValueOrDefault(state.Input.Name) ?? Start(state, given);
        }

        return inputs;
    }

    /// <inheritdoc cref="ModelSession.Run(IReadOnlyDictionary{string, ModelValue}, OutputReader, CancellationToken)"/>
    public void Run(IReadOnlyDictionary<string, ModelValue> inputs, OutputReader read, CancellationToken cancellationToken) => session.Run(
        inputs,
        (index, type, shape, bytes) =>
        {
            if (stateOfOutput[index] is { } state)
            {
                carried[state.Input.Name] = new TensorValue(type, shape.ToArray(), bytes.ToArray());
            }

            read(index, type, shape, bytes);
        },
        cancellationToken);

    private TensorValue Start(StatePair state, IReadOnlyDictionary<string, ModelValue> given)
    {
        var shape = state.Input.Shape.Select((dimension, axis) => dimension >= 0 ? dimension : axis == state.GrowingAxis ? 0 : Length(state.Input.Symbol(axis), given) ?? 1).ToArray();
        return new TensorValue(state.Input.Type, shape, new byte[state.Input.Type.Bytes(shape.Aggregate(1L, (product, dimension) => checked(product * dimension)))]);
    }

    private long? Length(string symbol, IReadOnlyDictionary<string, ModelValue> given)
    {
        foreach (var port in symbol.Length == 0 ? [] : session.Inputs)
        {
            for (var axis = 0; axis < port.Shape.Length && given.GetValueOrDefault(port.Name) is TensorValue tensor; axis++)
            {
                if (port.Symbol(axis) == symbol)
                {
                    return tensor.Shape[axis];
                }
            }
        }

        return null;
    }
}
