namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>A network of known structure with random weights, and inputs that look like pictures.</summary>
/// <param name="Builder">The model; its input is <c>image</c>, its output <c>logits</c>.</param>
/// <param name="InputShape">The dimensions of the input.</param>
/// <param name="Samples">Values of the input, one array for each picture.</param>
internal sealed record SampleNetwork(ModelBuilder Builder, long[] InputShape, IReadOnlyList<float[]> Samples)
{
    private const int Size = 64;
    private const int Classes = 100;

    /// <summary>Convolutions and their batch normalizations, folded, in the order in which they are added.</summary>
    private sealed class Layers(int seed, ModelBuilder builder)
    {
        private readonly Random random = new(seed);
        private int next;

        /// <summary>
        /// A convolution that keeps the variance of its input behind a Relu (He et al. 2015), its output channels scaled by what a batch normalization leaves: factors from a half to twice the middle one.
        /// </summary>
        public string Convolution(string input, int inputs, int outputs, int kernel, int stride = 1, int group = 1, double gain = 1, string? clip = null)
        {
            var name = $"c{next++}";
            var perChannel = inputs / group * kernel * kernel;
            var deviation = gain * Math.Sqrt(2.0 / perChannel);
            var (weight, bias) = (new float[outputs * perChannel], new float[outputs]);
            for (var channel = 0; channel < outputs; channel++)
            {
                var factor = Math.Pow(2, (2 * random.NextDouble()) - 1);
                bias[channel] = (float)(0.3 * gain * factor * Normal());
                for (var i = 0; i < perChannel; i++)
                {
                    weight[(channel * perChannel) + i] = (float)(factor * deviation * Normal());
                }
            }

            builder.Constant($"{name}w", weight, outputs, inputs / group, kernel, kernel).Constant($"{name}b", bias, outputs);
            var pad = kernel / 2;
            builder.Node("Conv", [input, $"{name}w", $"{name}b"], [name], name, ("group", group), ("strides", new[] { stride, stride }), ("pads", new[] { pad, pad, pad, pad }), ("kernel_shape", new[] { kernel, kernel }));
            if (clip is null)
            {
                return name;
            }

            builder.Node(clip, clip == "Clip" ? [name, "zero", "six"] : [name], [$"{name}r"]);
            return $"{name}r";
        }

        public string Sum(string left, string right, bool clipped)
        {
            var name = $"s{next++}";
            builder.Node("Add", [left, right], [name]);
            if (!clipped)
            {
                return name;
            }

            builder.Node("Relu", [name], [$"{name}r"]);
            return $"{name}r";
        }

        public void Classify(string input, int channels)
        {
            var weight = new float[channels * Classes];
            foreach (ref var value in weight.AsSpan())
            {
                value = (float)(Normal() / Math.Sqrt(channels));
            }

            builder.Constant("fcw", weight, Classes, channels).Constant("fcb", [.. Enumerable.Range(0, Classes).Select(_ => (float)(0.1 * Normal()))], Classes)
                .Node("GlobalAveragePool", [input], ["pooled"]).Node("Flatten", ["pooled"], ["flat"]).Node("Gemm", ["flat", "fcw", "fcb"], ["logits"], "classifier", ("transB", 1))
                .Output("logits", 1, Classes);
        }

        /// <summary>Near a normal distribution, without functions whose last bit depends on the platform.</summary>
        private double Normal()
        {
            var sum = -6.0;
            for (var i = 0; i < 12; i++)
            {
                sum += random.NextDouble();
            }

            return sum;
        }
    }

    /// <summary>
    /// Inverted residual blocks (Sandler et al. 2018, "MobileNetV2"): a pointwise convolution that expands six times, a depthwise one, one that projects, with Clip(0, 6) behind the first two and a sum around
    /// blocks that change no shape.
    /// </summary>
    public static SampleNetwork MobileNet(int seed)
    {
        var (builder, layers) = Begin(seed);
        var value = layers.Convolution("image", 3, 32, 3, stride: 2, clip: "Clip");
        var channels = 32;
        foreach (var (expansion, outputs, count, stride) in new[] { (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 3, 2), (6, 96, 2, 1) })
        {
            for (var block = 0; block < count; block++)
            {
                var (input, inner, step) = (value, expansion * channels, block == 0 ? stride : 1);
                var expanded = expansion == 1 ? value : layers.Convolution(value, channels, inner, 1, clip: "Clip");
                var filtered = layers.Convolution(expanded, inner, inner, 3, step, group: inner, clip: "Clip");
                value = layers.Convolution(filtered, inner, outputs, 1, gain: 0.7);
                value = step == 1 && channels == outputs ? layers.Sum(input, value, clipped: false) : value;
                channels = outputs;
            }
        }

        layers.Classify(layers.Convolution(value, channels, 320, 1, clip: "Clip"), 320);
        return new(builder, [1, 3, Size, Size], Pictures(seed));
    }

    /// <summary>Residual blocks of two convolutions (He et al. 2016, "Deep Residual Learning"), Relu behind the first and behind the sum.</summary>
    public static SampleNetwork ResNet(int seed)
    {
        var (builder, layers) = Begin(seed);
        var value = layers.Convolution("image", 3, 32, 7, stride: 2, clip: "Relu");
        builder.Node("MaxPool", [value], ["pooled0"], ("kernel_shape", new[] { 3, 3 }), ("strides", new[] { 2, 2 }), ("pads", new[] { 1, 1, 1, 1 }));
        value = "pooled0";
        var channels = 32;
        foreach (var (outputs, stride) in new[] { (32, 1), (64, 2), (128, 2) })
        {
            for (var block = 0; block < 2; block++)
            {
                var step = block == 0 ? stride : 1;
                var around = step == 1 && channels == outputs ? value : layers.Convolution(value, channels, outputs, 1, step, gain: 0.7);
                var inner = layers.Convolution(value, channels, outputs, 3, step, clip: "Relu");
                value = layers.Sum(around, layers.Convolution(inner, outputs, outputs, 3, gain: 0.5), clipped: true);
                channels = outputs;
            }
        }

        layers.Classify(value, channels);
        return new(builder, [1, 3, Size, Size], Pictures(seed));
    }

    private static (ModelBuilder Builder, Layers Layers) Begin(int seed)
    {
        var builder = ModelBuilder.Create().Input("image", 1, 3, Size, Size).Constant("zero", [0f]).Constant("six", [6f]);
        return (builder, new Layers(seed, builder));
    }

    /// <summary>Coarse patches of colour with fine grain, of zero mean.</summary>
    private static float[][] Pictures(int seed)
    {
        const int Pictures = 8;
        const int Patch = 8;
        var random = new Random(~seed);
        var pictures = new float[Pictures][];
        for (var picture = 0; picture < Pictures; picture++)
        {
            var values = new float[3 * Size * Size];
            var contrast = 0.5 + (2 * random.NextDouble());
            var patches = Enumerable.Range(0, 3 * (Size / Patch) * (Size / Patch)).Select(_ => contrast * ((2 * random.NextDouble()) - 1)).ToArray();
            for (var i = 0; i < values.Length; i++)
            {
                var (channel, row, column) = (i / (Size * Size), i / Size % Size / Patch, i % Size / Patch);
                values[i] = (float)(patches[(((channel * (Size / Patch)) + row) * (Size / Patch)) + column] + (0.4 * ((2 * random.NextDouble()) - 1)));
            }

            pictures[picture] = values;
        }

        return pictures;
    }
}
