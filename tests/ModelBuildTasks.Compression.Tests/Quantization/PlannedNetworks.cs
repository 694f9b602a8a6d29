using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>Networks that a plan is made for, a convolution a line.</summary>
internal static class PlannedNetworks
{
    /// <summary>A convolution that keeps the size (with a stride, halves it), named as the value it writes, with a Relu behind unless it writes the output 'y'.</summary>
    public static ModelBuilder Convolution(this ModelBuilder builder, string input, string output, int inputs, int outputs, int kernel = 1, int groups = 1, int stride = 1, bool? relu = null, string? name = null)
    {
        var hasRelu = relu ?? output != "y";
        var padding = (kernel - 1) / 2;
        builder.Constant(output + "_w", new float[outputs * inputs / groups * kernel * kernel].Select((_, i) => (i % 7) - 3f).ToArray(), outputs, inputs / groups, kernel, kernel)
            .Node("Conv", [input, output + "_w"], [hasRelu ? output + "_c" : output], name ?? output, ("group", groups), ("strides", new[] { stride, stride }), ("pads", new[] { padding, padding, padding, padding }));
        return hasRelu ? builder.Node("Relu", [output + "_c"], [output], output + "_r") : builder;
    }
}
