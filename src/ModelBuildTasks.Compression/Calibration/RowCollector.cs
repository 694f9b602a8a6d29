using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Keeps some rows of chosen values while a model runs over some samples: what a choice between ways to store a value is measured on.</summary>
internal static class RowCollector
{
    /// <summary>How many samples the model runs over at most.</summary>
    public const int Samples = 16;

    /// <summary>How many rows of each value a sample gives at most.</summary>
    public const int RowsOfSample = 16;

    /// <summary>Rows of values, spread evenly over the samples and over the rows of each. A value that was not finite or whose elements are no whole rows is left out.</summary>
    /// <param name="model">The model; unchanged afterwards.</param>
    /// <param name="samples">What it runs over.</param>
    /// <param name="indices">Which of the samples there are to choose from.</param>
    /// <param name="lengths">The length of a row by the name of the value, which a node of the main graph writes.</param>
    /// <param name="cancellationToken">Ends a run at the next operator.</param>
    /// <returns>The rows one after the other, by the name of the value; at most <see cref="Samples"/> · <see cref="RowsOfSample"/> of them.</returns>
    /// <exception cref="Diagnostics.CompressionException">AIM1007: the model does not run on a sample. AIM1101, AIM1104, AIM1106: a sample is wrong.</exception>
    public static IReadOnlyDictionary<string, float[]> Collect(OnnxModel model, SampleSet samples, IReadOnlyList<int> indices, IReadOnlyDictionary<string, int> lengths, CancellationToken cancellationToken)
    {
        using var session = ObservedModel.Open(model, lengths.Keys.ToHashSet(StringComparer.Ordinal));
        var run = new StatefulRun(session, samples.States);
        var rows = new ConcurrentDictionary<string, List<float>>(lengths.Keys.Select(name => KeyValuePair.Create(name, new List<float>())), StringComparer.Ordinal);
        foreach (var sample in samples.Read(SampleSpread.Of(indices, Samples, samples.States.Count > 0)))
        {
            // Each output has rows of its own, so that any number of threads may read at once.
            run.Run(run.Inputs(sample.Series, sample.Inputs), Keep, cancellationToken);
        }

        return rows.Where(each => each.Value.Count > 0).ToDictionary(each => each.Key, each => each.Value.ToArray(), StringComparer.Ordinal);

        void Keep(int index, DataType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes)
        {
            var name = session.Outputs[index].Name;
            if (type == DataType.Float && rows.TryGetValue(name, out var kept) && !Append(MemoryMarshal.Cast<byte, float>(bytes), lengths[name], kept))
            {
                rows.TryRemove(name, out _);
            }
        }
    }

    private static bool Append(ReadOnlySpan<float> values, int length, List<float> kept)
    {
        var (count, rest) = Math.DivRem(values.Length, length);
        foreach (var row in SampleSpread.Places(count, RowsOfSample))
        {
            kept.AddRange(values.Slice(row * length, length));
        }

        return rest == 0 && !CollectionsMarshal.AsSpan(kept).ContainsAnyExceptInRange(float.MinValue, float.MaxValue);
    }
}
