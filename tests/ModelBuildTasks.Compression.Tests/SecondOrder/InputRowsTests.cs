using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

[TestClass]
public sealed class InputRowsTests
{
    [TestMethod]
    [DataRow(new[] { 1, 1 }, new[] { 1, 1 }, new[] { 1, 1 }, new[] { 0, 0, 0, 0 })]
    [DataRow(new[] { 1, 1 }, new[] { 2, 3 }, new[] { 1, 1 }, new[] { 0, 0, 0, 0 })]
    [DataRow(new[] { 3, 3 }, new[] { 1, 1 }, new[] { 1, 1 }, new[] { 1, 1, 1, 1 })]
    [DataRow(new[] { 3, 3 }, new[] { 2, 1 }, new[] { 1, 1 }, new[] { 0, 1, 2, 3 })]
    [DataRow(new[] { 3, 2 }, new[] { 1, 2 }, new[] { 2, 3 }, new[] { 2, 1, 0, 4 })]
    [DataRow(new[] { 5, 1 }, new[] { 1, 1 }, new[] { 1, 1 }, new[] { 2, 0, 2, 0 })]
    [DataRow(new[] { 7, 9 }, new[] { 1, 1 }, new[] { 1, 1 }, new[] { 0, 0, 0, 0 })]
    [DataRow(new[] { 4 }, new[] { 3 }, new[] { 2 }, new[] { 1, 5 })]
    [DataRow(new[] { 1 }, new[] { 1 }, new[] { 1 }, new[] { 0, 0 })]
    [DataRow(new[] { 2, 3, 3 }, new[] { 1, 2, 1 }, new[] { 2, 1, 1 }, new[] { 1, 0, 1, 0, 2, 1 })]
    public void Rows_times_weights_are_what_the_runtime_makes_of_a_convolution(int[] kernel, int[] strides, int[] dilations, int[] pads)
    {
        long[] space = [.. new long[] { 7, 9, 6 }.Take(kernel.Length)];
        using var layer = SingleLayer.Conv([2, 3, .. space], [5, 3, .. kernel.Select(taps => (long)taps)], ("strides", strides), ("dilations", dilations), ("pads", pads));

        AssertProduct(layer);
    }

    [TestMethod]
    [DataRow("SAME_UPPER")]
    [DataRow("SAME_LOWER")]
    [DataRow("VALID")]
    [DataRow("NOTSET")]
    public void Automatic_padding_is_that_of_the_runtime(string padding)
    {
        foreach (var kernel in new long[] { 1, 2, 3, 4 })
        {
            foreach (var stride in Enumerable.Range(1, 6))
            {
                foreach (var length in new long[] { 8, 9, 11, 12 })
                {
                    using var layer = SingleLayer.Conv([1, 2, length, 5], [1, 2, kernel, 2], ("auto_pad", padding), ("strides", new[] { stride, 2 }));
                    AssertProduct(layer);
                }
            }
        }
    }

    [TestMethod]
    public void Padding_without_an_attribute_is_none()
    {
        using var layer = SingleLayer.Conv([1, 2, 5, 5], [3, 2, 3, 3]);

        Assert.AreEqual(9, layer.Inputs!.Rows(layer.Shape).Positions);
        AssertProduct(layer);
    }

    [TestMethod]
    [DataRow(2, 3, 6)]
    [DataRow(6, 1, 6)]
    [DataRow(6, 1, 12)]
    public void Every_group_has_rows_of_its_own_channels(int groups, int groupInputs, int outputs)
    {
        using var layer = SingleLayer.Conv([2, 6, 5, 4], [outputs, groupInputs, 3, 3], ("group", groups), ("pads", new[] { 1, 1, 1, 1 }), ("strides", new[] { 2, 1 }));

        Assert.AreEqual(groups, layer.Inputs!.Groups);
        Assert.AreEqual(groupInputs * 9, layer.Inputs.Depth);
        Assert.AreEqual(outputs / groups, layer.Inputs.Outputs);
        AssertProduct(layer);
    }

    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(1, 0)]
    [DataRow(0, 1)]
    [DataRow(1, 1)]
    public void A_Gemm_may_turn_its_input_and_its_weight(int transA, int transB)
    {
        using var layer = SingleLayer.Gemm(transA == 0 ? [4, 7] : [7, 4], transB == 0 ? [7, 5] : [5, 7], ("transA", transA), ("transB", transB));
        using var turned = SingleLayer.Turned("Gemm", transA == 0 ? [4, 7] : [7, 4], transB == 0 ? [5, 7] : [7, 5], ("transA", transA), ("transB", transB));

        Assert.AreEqual(4, layer.Inputs!.Rows(layer.Shape).Positions);
        AssertProduct(layer);
        AssertProduct(turned);
    }

    [TestMethod]
    public void The_factor_of_a_Gemm_is_no_part_of_its_rows()
    {
        using var layer = SingleLayer.Gemm([4, 7], [7, 5], ("alpha", 2.5f));

        AssertProduct(layer, 2.5);
    }

    [TestMethod]
    [DataRow(new long[] { 7 })]
    [DataRow(new long[] { 4, 7 })]
    [DataRow(new long[] { 2, 4, 7 })]
    [DataRow(new long[] { 2, 3, 4, 7 })]
    public void A_MatMul_has_a_row_for_each_vector_of_its_input(long[] shape)
    {
        using var layer = SingleLayer.MatMul(shape, [7, 5]);
        using var turned = SingleLayer.Turned("MatMul", shape, [5, 7]);

        CollectionAssert.AreEqual(layer.Value, layer.Rows());
        AssertProduct(layer);
        AssertProduct(turned);
    }

    [TestMethod]
    public void Rows_of_a_small_convolution_are_those_written_by_hand()
    {
        using var layer = SingleLayer.Conv([1, 2, 3], [1, 2, 2], ("pads", new[] { 1, 0 }));
        var rows = new float[12];

        layer.Inputs!.Rows([1, 2, 3]).Write([1, 2, 3, 4, 5, 6], 0, 1, rows);

        CollectionAssert.AreEqual(new float[] { 0, 1, 0, 4, 1, 2, 4, 5, 2, 3, 5, 6 }, rows);
    }

    [TestMethod]
    [DynamicData(nameof(SteppedLayers))]
    public void First_and_step_choose_rows_of_all(string name)
    {
        using var layer = Stepped(name);
        var (inputs, rows, all) = (layer.Inputs!, layer.Inputs!.Rows(layer.Shape), layer.Rows());
        foreach (var (first, step) in new[] { (0, 1), (3, 1), (0, 2), (1, 3), (5, 7), (rows.Positions - 1, 1) })
        {
            foreach (var count in new[] { 0, 1, (rows.Positions - first + step - 1) / step })
            {
                float[] chosen = [.. Enumerable.Range(0, inputs.Groups).SelectMany(group => Enumerable.Range(0, count).SelectMany(row => Row(all, (group * rows.Positions) + first + (row * step), inputs.Depth)))];
                var written = Filled(chosen.Length);
                rows.Write(layer.Value, first, step, written);
                CollectionAssert.AreEqual(chosen, written, $"{first}, {step}, {count}");

                for (var group = 0; group < inputs.Groups; group++)
                {
                    var part = Filled(count * inputs.Depth);
                    rows.Write(layer.Value, group, first, step, part);
                    CollectionAssert.AreEqual(chosen[(group * part.Length)..((group + 1) * part.Length)], part, $"group {group}: {first}, {step}, {count}");
                }
            }
        }
    }

    [TestMethod]
    public void Lengths_that_do_not_fit_are_refused()
    {
        using var layer = SingleLayer.Conv([1, 4, 5, 5], [4, 2, 3, 3], ("group", 2));
        var rows = layer.Inputs!.Rows(layer.Shape);

        Assert.Throws<ArgumentException>(() => rows.Write(new float[99], 0, 1, new float[36]));
        Assert.Throws<ArgumentException>(() => rows.Write(layer.Value, 0, 1, new float[18]));
        Assert.Throws<ArgumentException>(() => rows.Write(layer.Value, 0, 0, 1, new float[19]));
        Assert.Throws<ArgumentException>(() => rows.Write(layer.Value, 0, 0, 1, new float[180]));
        Assert.Throws<ArgumentException>(() => rows.Write(layer.Value, 0, 7, 2, new float[36]));
        Assert.Throws<ArgumentException>(() => rows.Write(layer.Value, 0, -1, 1, new float[18]));
        Assert.Throws<ArgumentException>(() => rows.Write(layer.Value, 0, 0, 0, new float[18]));
        Assert.Throws<ArgumentException>(() => rows.Write(layer.Value, 2, 0, 1, new float[18]));
        Assert.Throws<ArgumentException>(() => rows.Write(layer.Value, -1, 0, 1, new float[18]));
    }

    [TestMethod]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using var convolution = SingleLayer.Conv([1, 4, 5, 5], [4, 2, 3, 3], ("group", 2));
        using var product = SingleLayer.MatMul([2, 7], [7, 5]);

        foreach (var shape in new long[][] { [1, 3, 5, 5], [1, 4, 5], [4, 5, 5], [1, 4, 5, -5] })
        {
            Assert.ThrowsExactly<ArgumentException>(() => convolution.Inputs!.Rows(shape), string.Join(',', shape));
        }

        Assert.ThrowsExactly<ArgumentException>(() => product.Inputs!.Rows([7, 2]));
        Assert.ThrowsExactly<ArgumentException>(() => product.Inputs!.Rows([]));
    }

    [TestMethod]
    [DataRow(new long[] { 0, 2, 5, 5 })]
    [DataRow(new long[] { 1, 2, 2, 5 })]
    public void An_input_that_no_kernel_fits_into_has_no_rows(long[] shape)
    {
        using var layer = SingleLayer.Conv([1, 2, 5, 5], [4, 2, 3, 3]);
        var rows = layer.Inputs!.Rows(shape);

        Assert.AreEqual(0, rows.Positions);
        rows.Write(new float[shape.Aggregate(1L, (product, dimension) => product * dimension)], 0, 1, []);
    }

    [TestMethod]
    public void Layers_that_are_no_product_of_rows_are_left_out_with_a_reason()
    {
        using var transposed = SingleLayer.Of(ModelBuilder.Create().Constant("w", RandomTensors.Weight(1, 2, 3, 3, 3)).Node("ConvTranspose", ["x", "w"], ["y"], "layer"), 1, 2, 4, 4);
        using var left = SingleLayer.Of(ModelBuilder.Create().Constant("w", RandomTensors.Weight(1, 3, 4)).Node("MatMul", ["w", "x"], ["y"], "layer"), 4, 5);
        using var stack = SingleLayer.MatMul([2, 3, 4], [2, 4, 5]);

        foreach (var (layer, reason) in new[] { (transposed, "ConvTranspose"), (left, "left"), (stack, "stack") })
        {
            Assert.IsNull(layer.Inputs);
            StringAssert.Contains(Compression.SecondOrder.LayerInputs.WhyNot(layer.Node, layer.Weight), reason);
        }
    }

    private static IEnumerable<string[]> SteppedLayers => [["convolution"], ["groups"], ["points"], ["turned"], ["product"]];

    private static SingleLayer Stepped(string name) => name switch
    {
        "convolution" => SingleLayer.Conv([2, 11, 5, 6], [4, 11, 3, 3], ("pads", new[] { 1, 1, 1, 1 })),
        "groups" => SingleLayer.Conv([2, 6, 5, 6], [4, 3, 3, 3], ("group", 2)),
        "points" => SingleLayer.Conv([2, 19, 5, 6], [4, 19, 1, 1]),
        "turned" => SingleLayer.Gemm([9, 40], [9, 5], ("transA", 1)),
        _ => SingleLayer.MatMul([2, 30, 9], [9, 5]),
    };

    private static float[] Row(float[] rows, int index, int depth) => rows[(index * depth)..((index + 1) * depth)];

    private static float[] Filled(int length) => [.. Enumerable.Repeat(float.NaN, length)];

    private static void AssertProduct(SingleLayer layer, double factor = 1)
    {
        var inputs = layer.Inputs!;
        var rows = layer.Rows();
        var positions = inputs.Rows(layer.Shape).Positions;
        Assert.HasCount(positions * inputs.Outputs * inputs.Groups, layer.Output);
        var isConvolution = layer.Node.OpType == "Conv";
        var perImage = isConvolution && layer.Shape[0] > 0 ? positions / (int)layer.Shape[0] : positions;
        var matrix = new double[inputs.Depth * inputs.Outputs];
        for (var group = 0; group < inputs.Groups; group++)
        {
            inputs.Weights.Read(new SinglesReader(layer.Weight.Tensor), group, matrix);
            for (var position = 0; position < positions; position++)
            {
                var row = Row(rows, (group * positions) + position, inputs.Depth);
                for (var output = 0; output < inputs.Outputs; output++)
                {
                    var sum = factor * row.Select((value, column) => value * matrix[(column * inputs.Outputs) + output]).Sum();
                    var (image, place) = Math.DivRem(position, perImage);
                    var channel = (group * inputs.Outputs) + output;
                    var index = isConvolution ? (((image * inputs.Groups * inputs.Outputs) + channel) * perImage) + place : (position * inputs.Outputs) + output;
                    Assert.AreEqual(sum, layer.Output[index], 1e-4, $"group {group}, position {position}, output {output}");
                }
            }
        }
    }
}
