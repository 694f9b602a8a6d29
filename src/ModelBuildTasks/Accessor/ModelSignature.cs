using System.Globalization;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Accessor;

/// <summary>The inputs and outputs of a model as the accessor tells them; compression keeps them, so the source model is asked.</summary>
internal static class ModelSignature
{
    /// <summary>Reads a model's inputs and outputs without loading it.</summary>
    /// <exception cref="Compression.Diagnostics.CompressionException">The file is not a model.</exception>
    public static (IReadOnlyList<AccessorTensor> Inputs, IReadOnlyList<AccessorTensor> Outputs) Read(string modelPath)
    {
        var signature = OnnxSignature.Read(modelPath);
        return (Tensors(signature.Inputs), Tensors(signature.Outputs));
    }

    private static List<AccessorTensor> Tensors(IReadOnlyList<OnnxPort> ports)
    {
        var tensors = new List<AccessorTensor>(ports.Count);
        foreach (var port in ports)
        {
            tensors.Add(new AccessorTensor(port.Name, ElementType(port.ElementType), Shape(port.Shape)));
        }

        return tensors;
    }

    private static string? Shape(IReadOnlyList<OnnxDimension>? dimensions)
    {
        if (dimensions is null)
        {
            return null;
        }

        var texts = new string[dimensions.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = dimensions[i].Size?.ToString(CultureInfo.InvariantCulture) ?? dimensions[i].Name?.Replace(',', ' ') ?? "?";
        }

        return string.Join(',', texts);
    }

    // TensorProto.DataType of the ONNX specification; its generated enumeration would be the only use of the schema here.
    private static string ElementType(int number) => number switch
    {
        1 => "float32",
        2 => "uint8",
        3 => "int8",
        4 => "uint16",
        5 => "int16",
        6 => "int32",
        7 => "int64",
        8 => "string",
        9 => "bool",
        10 => "float16",
        11 => "float64",
        12 => "uint32",
        13 => "uint64",
        16 => "bfloat16",
        _ => "other",
    };
}
