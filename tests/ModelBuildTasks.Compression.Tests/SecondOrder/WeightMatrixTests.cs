using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

[TestClass]
public sealed class WeightMatrixTests
{
    // The last two are longer than the longest part that is read at once: in whole output channels, and within one.
    private static readonly WeightLayout[] Layouts =
    [
        new(true, 5, 3, 1, 1), new(true, 6, 4, 9, 2), new(true, 8, 1, 9, 4), new(true, 4, 1, 9, 4), new(false, 5, 7, 1, 1), new(false, 1, 1, 1, 1),
        new(true, 300, 100, 9, 1), new(false, 300, 1000, 1, 1), new(true, 2, SinglesReader.LongestPart + 5, 1, 1),
    ];

    [TestMethod]
    public void The_matrix_has_a_row_for_each_input()
    {
        var matrix = new double[6];

        new WeightMatrix(new(true, 2, 3, 1, 1)).Read(Reader(1, 2, 3, 4, 5, 6), 0, matrix);
        CollectionAssert.AreEqual(new double[] { 1, 4, 2, 5, 3, 6 }, matrix);

        new WeightMatrix(new(false, 2, 3, 1, 1)).Read(Reader(1, 2, 3, 4, 5, 6), 0, matrix);
        CollectionAssert.AreEqual(new double[] { 1, 2, 3, 4, 5, 6 }, matrix);
    }

    [TestMethod]
    public void A_group_has_its_own_outputs()
    {
        var matrix = new double[4];

        new WeightMatrix(new(true, 4, 2, 1, 2)).Read(Reader(1, 2, 3, 4, 5, 6, 7, 8), 1, matrix);

        CollectionAssert.AreEqual(new double[] { 5, 7, 6, 8 }, matrix);
    }

    [TestMethod]
    public void A_weight_there_and_back_is_itself()
    {
        foreach (var layout in Layouts)
        {
            var matrix = new WeightMatrix(layout);
            var random = new Random(3);
            sbyte[] weight = [.. Enumerable.Range(0, matrix.Depth * layout.Outputs).Select(_ => (sbyte)random.Next(-127, 128))];
            var values = new SinglesReader(Array.ConvertAll(weight, value => (float)value));
            var back = new sbyte[weight.Length];
            var read = new double[matrix.Depth * matrix.Outputs];
            for (var group = 0; group < layout.Groups; group++)
            {
                matrix.Read(values, group, read);
                matrix.Write(Array.ConvertAll(read, value => (sbyte)value), back.AsSpan(group * read.Length, read.Length));
            }

            Assert.IsTrue(weight.AsSpan().SequenceEqual(back), layout.ToString());
        }
    }

    [TestMethod]
    public void Lengths_that_do_not_fit_are_refused()
    {
        var matrix = new WeightMatrix(new(true, 4, 2, 1, 2));

        Assert.Throws<ArgumentException>(() => matrix.Read(Reader(1, 2, 3, 4), 0, new double[4]));
        Assert.Throws<ArgumentException>(() => matrix.Read(Reader(1, 2, 3, 4, 5, 6, 7, 8), 0, new double[8]));
        Assert.Throws<ArgumentException>(() => matrix.Read(Reader(1, 2, 3, 4, 5, 6, 7, 8), 2, new double[4]));
        Assert.Throws<ArgumentException>(() => matrix.Write(new sbyte[8], new sbyte[8]));
        Assert.Throws<ArgumentException>(() => matrix.Write(new sbyte[4], new sbyte[8]));
    }

    private static SinglesReader Reader(params float[] values) => new(values);
}
