using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Corrections;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Which output channel and which input channel of a layer each element of its weight joins.</summary>
/// <param name="HasOutputsFirst">Whether the weight is [outputs, inputs of a group, positions]; else it is [inputs, outputs], of one group and position.</param>
/// <param name="Outputs">The output channels of all groups.</param>
/// <param name="GroupInputs">The input channels of a group.</param>
/// <param name="Positions">The positions of a kernel.</param>
/// <param name="Groups">The groups.</param>
internal readonly record struct WeightLayout(bool HasOutputsFirst, int Outputs, int GroupInputs, int Positions, int Groups)
{
    /// <summary>The input channels of all groups.</summary>
    public int Inputs => GroupInputs * Groups;

    /// <summary>The layout of a layer's weight; null where the dimensions contradict each other.</summary>
    /// <param name="node">A Conv, Gemm or MatMul whose input channels have an axis (<see cref="MeanAxes"/>).</param>
    /// <param name="weight">Its weight.</param>
    public static WeightLayout? Of(NodeProto node, LayerWeight weight)
    {
        var dims = weight.Tensor.Dims;
        if (node.OpType != "Conv")
        {
            return weight.Axis.Axis == 0 ? new(true, (int)dims[0], (int)dims[1], 1, 1) : new(false, (int)dims[1], (int)dims[0], 1, 1);
        }

        var groups = node.Int64("group", 1);
        return groups >= 1 && dims[0] % groups == 0 ? new(true, (int)dims[0], (int)dims[1], (int)dims.Skip(2).Aggregate(1L, (product, dimension) => product * dimension), (int)groups) : null;
    }

    /// <summary>The input channel of an element's run of positions.</summary>
    /// <param name="run">The index of the run: the element's, without its position.</param>
    public (int Output, int Input) Channels(int run)
    {
        if (!HasOutputsFirst)
        {
            return (run % Outputs, run / Outputs);
        }

        var output = run / GroupInputs;
        return (output, (output / (Outputs / Groups) * GroupInputs) + (run % GroupInputs));
    }
}
