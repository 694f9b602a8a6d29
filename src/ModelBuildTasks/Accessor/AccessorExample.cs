namespace ModelBuildTasks.Accessor;

/// <summary>A snippet for the class's documentation that runs as it stands.</summary>
internal static class AccessorExample
{
    /// <summary>Writes the lines of an example element.</summary>
    public static void Write(AccessorModel model, Action<string> line)
    {
        if (model.Inputs.Count != 1 || model.Outputs.Count == 0 || model.Inputs[0].Shape is not { } shape || ElementType(model.Inputs[0].Type) is not { } input)
        {
            return;
        }

        var output = ElementType(model.Outputs[0].Type) ?? "float";
        line("/// <example>");
        line("/// <code>");
        line("/// // using Microsoft.ML.OnnxRuntime;");
        line("/// // using Microsoft.ML.OnnxRuntime.Tensors;");
        line($"/// using (var session = AiModels.{model.Identifier}.CreateSession())");
        line("/// {");
        line($"///     var input = new DenseTensor&lt;{input}&gt;(new[] {{ {Dimensions(shape)} }}); // {model.Inputs[0].Type}[{shape.Replace("<", "").Replace("&", "").Replace(">", "")}]");
        line($"///     using (var results = session.Run(new[] {{ NamedOnnxValue.CreateFromTensor(AiModels.{model.Identifier}.InputName, input) }}))");
        line("///     {");
        line($"///         var output = results[0].AsTensor&lt;{output}&gt;();");
        line("///     }");
        line("/// }");
        line("/// </code>");
        line("/// </example>");
    }

    /// <summary>The dimensions as C# numbers; one where they are dynamic.</summary>
    private static string Dimensions(string shape)
    {
        var dimensions = shape.Split(',');
        for (var i = 0; i < dimensions.Length; i++)
        {
            dimensions[i] = long.TryParse(dimensions[i], out var size) && size > 0 ? dimensions[i] : "1";
        }

        return string.Join(", ", dimensions);
    }

    private static string? ElementType(string type) => type switch
    {
        "float32" => "float",
        "float64" => "double",
        "int8" => "sbyte",
        "uint8" => "byte",
        "int16" => "short",
        "uint16" => "ushort",
        "int32" => "int",
        "uint32" => "uint",
        "int64" => "long",
        "uint64" => "ulong",
        "bool" => "bool",
        "string" => "string",
        "float16" => "Float16",
        "bfloat16" => "BFloat16",
        _ => null,
    };
}
