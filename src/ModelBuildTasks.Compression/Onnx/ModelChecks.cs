using ModelBuildTasks.Compression.Diagnostics;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>What must hold of a model before anything else looks at it.</summary>
internal static class ModelChecks
{
    /// <summary>The oldest opset there is. ONNX Runtime promises to run models from 7 on, and runs most older ones.</summary>
    public const int OldestOpset = 1;

    /// <summary>
    /// The newest opset that ONNX Runtime 1.31.1 loads: it refuses 27 as "under development" (24 to 28 were tried).
    /// </summary>
    public const int NewestOpset = 26;

    /// <exception cref="CompressionException">
    /// AIM1002: there is no graph or no order of the nodes. AIM1003: no opset is imported, or an unknown one.
    /// </exception>
    public static void Check(ModelProto model, string path)
    {
        if (model.Graph is null)
        {
            throw ModelErrors.NotAModel(path, "it has no graph");
        }

        // All zeros and short texts can be read as an empty graph.
        if (model.Graph.Output.Count == 0)
        {
            throw ModelErrors.NotAModel(path, "its graph has no outputs");
        }

        CheckOpset(model, path);
        try
        {
            var index = new NodeIndex();
            foreach (var node in model.Graph.Node)
            {
                index.Add(node);
            }

            _ = index.Sorted;
        }
        catch (InvalidOperationException exception)
        {
            throw ModelErrors.NotAModel(path, exception.Message, exception);
        }
    }

    /// <summary>Checks that the file alone, without its external data, is one that ONNX Runtime can load: protobuf stops at 2 GiB.</summary>
    /// <exception cref="CompressionException">AIM1008: it is not.</exception>
    public static void RequireLoadable(string path)
    {
        if (new FileInfo(path).Length is var size and > ModelWriter.LargestFile)
        {
            throw ModelErrors.TooLarge(path, $"the file has {size} bytes", "Save the model with external data: a small file and its weights beside it.");
        }
    }

    /// <summary>Checks that a tensor has as many bytes as its type and shape say.</summary>
    /// <exception cref="CompressionException">AIM1002: it has not.</exception>
    public static void CheckSize(TensorProto tensor, string path)
    {
        // A segment is a part of a tensor, whose size the shape does not tell; runtimes refuse it.
        if (tensor.ElementType() == DataType.String)
        {
            Expect(tensor, path, tensor.ElementCount(), tensor.StringData.Count, "strings");
        }
        else if (tensor.ElementType().Bits() > 0 && tensor.Segment is null)
        {
            var size = tensor.HasRawData ? tensor.RawData.Size() : TypedFields.SizeInBytes(tensor);
            Expect(tensor, path, tensor.SizeInBytes(), size, "bytes");
        }
    }

    /// <exception cref="CompressionException">AIM1002: the dimensions are negative or beyond 64 bits.</exception>
    public static void CheckShape(TensorProto tensor, string path)
    {
        try
        {
            tensor.ElementType().Bytes(tensor.ElementCount());
        }
        catch (OverflowException exception)
        {
            throw ModelErrors.NotAModel(path, $"the tensor '{tensor.Name}' has the shape [{string.Join(", ", tensor.Dims)}]", exception);
        }
    }

    private static void CheckOpset(ModelProto model, string path)
    {
        // A model whose operators are all of other sets imports none of the default domain.
        var opset = model.OpsetImport.FirstOrDefault(import => OnnxModel.CanonicalDomain(import.Domain).Length == 0)?.Version;
        if (opset is < OldestOpset or > NewestOpset || model.OpsetImport.Count == 0)
        {
            throw new CompressionException(
                DiagnosticCodes.UnsupportedOpset,
                path,
                $"The model '{path}' {(opset is null ? "imports no opset" : $"uses the unknown opset {opset}")}: opsets {OldestOpset} to {NewestOpset} are supported. "
                + "Export it again, or convert it with the version converter of ONNX.");
        }
    }

    private static void Expect(TensorProto tensor, string path, long expected, long size, string unit)
    {
        if (size != expected)
        {
            throw ModelErrors.NotAModel(
                path,
                $"the tensor '{tensor.Name}' of type {tensor.ElementType()} and shape [{string.Join(", ", tensor.Dims)}] "
                + $"needs {expected} {unit} and has {size}");
        }
    }
}
