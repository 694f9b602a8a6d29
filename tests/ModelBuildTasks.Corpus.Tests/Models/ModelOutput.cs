using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Corpus.Tests.Models;

/// <summary>An output of one run, copied.</summary>
internal sealed record ModelOutput(string Name, DataType Type, long[] Shape, byte[] Bytes)
{
    // An error of 22 % of the output's norm: what the hardest models here keep with weights rounded to the nearest, and their decisions with it. 13 dB alone are a cosine of 0.975.
    private const double LeastCosine = 0.97;
    private const double LeastSqnrDb = 13;
    private const double LeastEqualShare = 0.9;
    private const double LeastSqnrDbOfSameModel = 60;
    private const double LeastSqnrDbOfSimplified = 100;

    /// <summary>Runs a file as an application does and copies its outputs.</summary>
    public static IReadOnlyList<ModelOutput> Of(string model, IReadOnlyDictionary<string, ModelValue> inputs)
    {
        using var session = ModelSession.Open(model, new SessionSettings());
        var outputs = new List<ModelOutput>();
        session.Run(inputs, (index, type, shape, bytes) => outputs.Add(new(NameOf(session.Outputs[index], outputs.Count), type, shape.ToArray(), bytes.ToArray())), CancellationToken.None);
        return outputs;
    }

    // The elements of a sequence are outputs of their own, told apart by their positions among all.
    private static string NameOf(ModelPort port, int position) => port.Kind == PortKind.Sequence ? $"{port.Name}[{position}]" : port.Name;

    public bool IsSame(ModelOutput other) => Name == other.Name && Type == other.Type && Shape.SequenceEqual(other.Shape) && Bytes.AsSpan().SequenceEqual(other.Bytes);

    /// <summary>What is wrong with a compressed model's output where this is the original's; null where it is within the tolerance.</summary>
    public string? Defect(ModelOutput compressed)
    {
        if (Name != compressed.Name || Type != compressed.Type || !Shape.SequenceEqual(compressed.Shape))
        {
            return $"output '{Name}' {Type}[{string.Join(',', Shape)}] became '{compressed.Name}' {compressed.Type}[{string.Join(',', compressed.Shape)}]";
        }

        if (Type == DataType.String)
        {
            return Bytes.AsSpan().SequenceEqual(compressed.Bytes) ? null : $"output '{Name}': other strings";
        }

        if (Singles() is not { } original)
        {
            var size = Math.Max(1, Type.SizeInBytes());
            var equal = Enumerable.Range(0, Bytes.Length / size).Count(index => Bytes.AsSpan(index * size, size).SequenceEqual(compressed.Bytes.AsSpan(index * size, size)));
            return equal >= LeastEqualShare * (Bytes.Length / size) ? null : FormattableString.Invariant($"output '{Name}': {equal} of {Bytes.Length / size} elements are equal");
        }

        var distance = OutputDistance.Between(original, compressed.Singles()!);
        return distance.Signal == 0 && !distance.IsLost || distance is { IsLost: false, Cosine: >= LeastCosine, SqnrDb: >= LeastSqnrDb }
            ? null
            : FormattableString.Invariant($"output '{Name}': SQNR {distance.SqnrDb:F1} dB, cosine {distance.Cosine:F4}{(distance.IsLost ? ", not finite" : "")}");
    }

    /// <summary>What is wrong with an output where another implementation of the same model computed this; null where only the last digits differ.</summary>
    public static string? Difference(ModelOutput right, ModelOutput computed) => right.IsSame(computed) ? null : right.Defect(computed) ?? right.LastDigits(computed);

    /// <summary>What is wrong with an output of the simplified model; null where floats differ by their last digits, and nothing else differs.</summary>
    public static string? Inexact(ModelOutput original, ModelOutput simplified) =>
        original.IsSame(simplified) ? null
        : original.Defect(simplified) is { } defect ? defect
        : original.Singles() is not { } singles ? $"output '{original.Name}' has other elements"
        : OutputDistance.Between(singles, simplified.Singles()!) is var distance && (distance.Signal == 0 || distance.SqnrDb >= LeastSqnrDbOfSimplified)
            ? null
            : FormattableString.Invariant($"output '{original.Name}': SQNR {distance.SqnrDb:F1} dB");

    private string? LastDigits(ModelOutput computed) =>
        Singles() is { } singles && OutputDistance.Between(singles, computed.Singles()!) is var distance && (distance.Signal == 0 || distance.SqnrDb >= LeastSqnrDbOfSameModel)
            ? null
            : $"output '{Name}' differs in more than the last digits";

    private float[]? Singles()
    {
        if (!FloatConversion.IsKnown(Type))
        {
            return null;
        }

        var values = new float[FloatConversion.Count(Type, Bytes.Length)];
        FloatConversion.ToSingles(Type, Bytes, values);
        return values;
    }
}
