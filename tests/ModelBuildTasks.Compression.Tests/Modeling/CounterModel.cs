using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>Models with a state whose value one can tell in one's head.</summary>
internal static class CounterModel
{
    /// <summary>sum = x + factor · state; y = 10 · sum, state_out = sum.</summary>
    public static ModelBuilder Create(float factor = 1) => ModelBuilder.Create()
        .Input("x", DataType.Float, "batch", 1)
        .Input("state", DataType.Float, "batch", 1)
        .Constant("ten", [10f], 1)
        .Constant("factor", [factor], 1)
        .Node("Mul", ["state", "factor"], ["before"])
        .Node("Add", ["x", "before"], ["state_out"])
        .Node("Mul", ["state_out", "ten"], ["y"])
        .Output("y", DataType.Float, "batch", 1)
        .Output("state_out", DataType.Float, "batch", 1);

    /// <summary>present = past ++ x along the second axis; y is the number of rows in present.</summary>
    public static ModelBuilder Growing() => ModelBuilder.Create()
        .Input("x", DataType.Float, "batch", "now", 2)
        .Input("past_key_values.0.key", DataType.Float, "batch", "past", 2)
        .Constant("one", TensorValues.Create("one", [1L], 1))
        .Node("Concat", ["past_key_values.0.key", "x"], ["present.0.key"], ("axis", 1))
        .Node("Shape", ["present.0.key"], ["shape"])
        .Node("Gather", ["shape", "one"], ["rows"])
        .Node("Cast", ["rows"], ["y"], ("to", (int)DataType.Float))
        .Output("y", DataType.Float, 1)
        .Output("present.0.key", DataType.Float, "batch", "past + now", 2);
}
