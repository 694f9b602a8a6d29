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
        builder.Constant(output + "_w", new float[outputs * inputs / groups * kernel * kernel].Select((_, i) => ((i % 7) - 3f) / (inputs / groups * kernel)).ToArray(), outputs, inputs / groups, kernel, kernel)
            .Node("Conv", [input, output + "_w"], [hasRelu ? output + "_c" : output], name ?? output, ("group", groups), ("strides", new[] { stride, stride }), ("pads", new[] { padding, padding, padding, padding }));
        return hasRelu ? builder.Node("Relu", [output + "_c"], [output], output + "_r") : builder;
    }

    /// <summary>
    /// Inverted residual blocks with squeeze-and-excite and HardSwish in sizes of the smaller network of Howard et al. 2019 ("Searching for MobileNetV3"): names end in e (expanding), d (depthwise), q and u (squeeze-and-excite),
    /// p (projecting).
    /// </summary>
    /// <param name="size">Height and width of the input.</param>
    /// <param name="isDecomposed">HardSwish as x · HardSigmoid(x).</param>
    public static ModelBuilder MobileNetV3(int size, bool isDecomposed)
    {
        var builder = ModelBuilder.Create(15).Input("x", 1, 3, size, size).Output("y", 1, 100);
        var (value, channels) = (Swish(Plain("x", "stem", 3, 16, 3, 1, 2)), 16);
        var block = 0;
        foreach (var (kernel, inner, outputs, squeezes, swishes, stride) in new[]
        {
            (3, 16, 16, true, false, 2), (3, 72, 24, false, false, 2), (3, 88, 24, false, false, 1), (5, 96, 40, true, true, 2), (5, 240, 40, true, true, 1), (5, 120, 48, true, true, 1), (5, 144, 48, true, true, 1),
            (5, 288, 96, true, true, 2), (5, 576, 96, true, true, 1),
        })
        {
            var (name, around) = ($"b{block++}", value);
            value = inner == channels ? value : Activated(Plain(value, name + "e", channels, inner, 1, 1, 1), swishes);
            value = Activated(Plain(value, name + "d", inner, inner, kernel, inner, stride), swishes);
            if (squeezes)
            {
                builder.Node("GlobalAveragePool", [value], [name + "g"], name + "g").Convolution(name + "g", name + "q", inner, Math.Max(8, inner / 4 / 8 * 8)).Convolution(name + "q", name + "u", Math.Max(8, inner / 4 / 8 * 8), inner, relu: false)
                    .Node("HardSigmoid", [name + "u"], [name + "h"], name + "h").Node("Mul", [value, name + "h"], [name + "m"], name + "m");
                value = name + "m";
            }

            value = Plain(value, name + "p", inner, outputs, 1, 1, 1);
            if (stride == 1 && channels == outputs)
            {
                builder.Node("Add", [around, value], [name + "a"], name + "a");
                value = name + "a";
            }

            channels = outputs;
        }

        builder.Node("GlobalAveragePool", [Swish(Plain(value, "head", channels, 576, 1, 1, 1))], ["pooled"], "pooled").Node("Flatten", ["pooled"], ["flat"], "flatten")
            .Constant("w1", new float[576 * 1024], 576, 1024).Constant("w2", new float[1024 * 100], 1024, 100).Node("Gemm", ["flat", "w1"], ["hidden"], "hidden");
        return builder.Node("Gemm", [Swish("hidden"), "w2"], ["y"], "logits");

        string Plain(string input, string output, int inputs, int outputs, int kernel, int groups, int stride)
        {
            builder.Convolution(input, output, inputs, outputs, kernel, groups, stride, relu: false);
            return output;
        }

        string Activated(string input, bool swishes)
        {
            if (swishes)
            {
                return Swish(input);
            }

            builder.Node("Relu", [input], [input + "_r"], input + "_r");
            return input + "_r";
        }

        string Swish(string input)
        {
            _ = isDecomposed
                ? builder.Node("HardSigmoid", [input], [input + "_g"], input + "_g", ("alpha", 1f / 6), ("beta", 0.5f)).Node("Mul", [input, input + "_g"], [input + "_s"], input + "_s")
                : builder.Node("HardSwish", [input], [input + "_s"], input + "_s");
            return input + "_s";
        }
    }
}
