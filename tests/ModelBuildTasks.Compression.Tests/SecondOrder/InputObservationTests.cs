using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>Hessians of a layer's input, of all of its rows or of some.</summary>
[TestClass]
public sealed class InputObservationTests
{
    [TestMethod]
    [DataRow(1000, 0, 1, 0)]
    [DataRow(100, 0, 1, 0)]
    [DataRow(10, 3, 11, 3)]
    [DataRow(10, 25, 11, 3)]
    [DataRow(1, 7, 101, 7)]
    [DataRow(1, 150, 101, 50)]
    public void Some_rows_of_each_sample_are_taken_evenly_and_from_another_start(int rowsOfSample, int sample, int step, int first)
    {
        using var layer = SingleLayer.Conv([1, 8, 10, 10], [16, 8, 3, 3], ("pads", new[] { 1, 1, 1, 1 }));

        AssertRows(layer, rowsOfSample, sample, step, first);
    }

    /// <summary>More rows than are unfolded at a time.</summary>
    [TestMethod]
    public void Many_rows_are_taken_in_parts()
    {
        using var layer = SingleLayer.Conv([1, 4, 70, 90], [8, 4, 1, 1]);

        AssertRows(layer, 2000, 4, 3, 1);
    }

    [TestMethod]
    public void Each_group_has_a_Hessian_of_its_own_inputs()
    {
        using var layer = SingleLayer.Conv([1, 8, 6, 6], [16, 2, 3, 3], ("group", 4));

        AssertRows(layer, 1000, 0, 1, 0);
    }

    [TestMethod]
    public void Samples_are_added()
    {
        using var layer = SingleLayer.MatMul([6, 24], [24, 8]);
        var (once, twice) = (new InputObservation(layer.Inputs!, 100), new InputObservation(layer.Inputs!, 100));
        once.Add(layer.Value, layer.Shape, 0);
        twice.Add(layer.Value, layer.Shape, 0);
        twice.Add(layer.Value, layer.Shape, 1);

        AssertEqual(once.Hessians[0].Matrix(), twice.Hessians[0].Matrix(), 24);
    }

    [TestMethod]
    public void Hessians_of_two_values_add_up_to_that_of_all_rows()
    {
        using var layer = SingleLayer.MatMul([6, 24], [24, 8]);
        var (left, right, both) = (new LayerHessian(24), new LayerHessian(24), new LayerHessian(24));
        left.Add(layer.Value.AsSpan(0, 2 * 24));
        right.Add(layer.Value.AsSpan(2 * 24));
        left.Add(right);
        both.Add(layer.Value);

        AssertEqual(both.Matrix(), left.Matrix(), 24);
    }

    [TestMethod]
    public void A_Hessian_without_rows_is_zero()
    {
        CollectionAssert.AreEqual(new double[9], new LayerHessian(3).Matrix());
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    [DataRow(float.MaxValue)]
    public void Rows_that_are_not_finite_are_told(float value)
    {
        var hessian = new LayerHessian(3);
        hessian.Add([1, 2, 3]);
        Assert.IsTrue(hessian.IsFinite);

        hessian.Add([1, value, 3]);

        Assert.IsFalse(hessian.IsFinite);
    }

    private static void AssertRows(SingleLayer layer, int rowsOfSample, int sample, int step, int first)
    {
        var observation = new InputObservation(layer.Inputs!, rowsOfSample);
        observation.Add(layer.Value, layer.Shape, sample);
        var (rows, depth) = (layer.Rows(), layer.Inputs!.Depth);
        var positions = rows.Length / (depth * layer.Inputs.Groups);
        for (var group = 0; group < layer.Inputs.Groups; group++)
        {
            var (plain, count) = (new double[depth * depth], 0);
            for (var position = first; position < positions; position += step, count++)
            {
                var row = rows.AsSpan(((group * positions) + position) * depth, depth);
                for (var i = 0; i < plain.Length; i++)
                {
                    plain[i] += (double)row[i / depth] * row[i % depth];
                }
            }

            AssertEqual(Array.ConvertAll(plain, sum => sum / count), observation.Hessians[group].Matrix(), depth);
        }
    }

    private static void AssertEqual(double[] expected, double[] actual, int size)
    {
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                Assert.AreEqual(expected[(row * size) + column], actual[(row * size) + column], 1e-5 * Math.Sqrt(expected[(row * size) + row] * expected[(column * size) + column]));
            }
        }
    }
}
