using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What ONNX test data says that a model answers: each output_k.pb, for the output of its name or else for the k-th output.</summary>
internal static class TestDataOutputs
{
    /// <summary>The tensors of float, float16 and double by output name; a value that is not finite is what the model should give too. Outputs without a file, and those of other types, are left out.</summary>
    /// <param name="folder">A folder test_data_set_n.</param>
    /// <param name="outputs">The model's outputs.</param>
    /// <exception cref="CompressionException">AIM1101: a damaged file. AIM1102: a file for no output, or two for one. AIM1103 and AIM1104: the output has another shape or type.</exception>
    public static IReadOnlyDictionary<string, TensorValue> Read(string folder, IReadOnlyList<ModelPort> outputs)
    {
        var role = TestDataRole.Output;
        var files = new HashSet<string>();
        var expected = new Dictionary<string, TensorValue>();
        foreach (var path in role.Files(folder))
        {
            if (role.AtPosition(path, outputs) is { Kind: PortKind.Map or PortKind.Other })
            {
                // A serialized MapProto, which nothing here reads.
                continue;
            }

            var file = ValueFile.Read(path);
            var output = role.Port(path, file, outputs);
            if (!files.Add(output.Name))
            {
                throw role.Twice(path, output);
            }

            if (MustFit(file, output) && TestDataValue.Expected(path, file, output) is TensorValue value)
            {
                expected.Add(output.Name, value);
            }
        }

        return expected;
    }

    // A float tensor for an output of integers is as wrong as the reverse. What no side has as float is not compared; bfloat16, unknown to NumPy, is often written as another type.
    private static bool MustFit(ValueFile file, ModelPort output) => output.Type != DataType.Bfloat16 && (IsCompared(output) || (file.Tensor is { } tensor && NumericConversion.IsFloatingPoint(tensor.ElementType())));

    private static bool IsCompared(ModelPort output) => output.Kind == PortKind.Tensor && NumericConversion.IsFloatingPoint(output.Type);
}
