using ModelBuildTasks.Compression.Devices;

namespace ModelBuildTasks.Compression.Tests.Devices;

[TestClass]
public sealed class CostTableLookupTests
{
    private static readonly LayerClass Pointwise32 = Dense(1, 32, 32);

    [TestMethod]
    public void A_class_of_the_table_is_found() => AssertNearest(Dense(9, 64, 64), Dense(9, 64, 64), Dense(9, 32, 64), Dense(9, 64, 32), Dense(1, 64, 64));

    [TestMethod]
    public void Channels_are_nearest_by_their_ratio()
    {
        AssertNearest(Dense(1, 40, 40), Pointwise32, Dense(1, 64, 64));
        AssertNearest(Dense(1, 48, 48), Dense(1, 64, 64), Pointwise32);
        AssertNearest(Dense(1, 16, 96), Dense(1, 16, 64), Dense(1, 64, 16), Pointwise32);
        AssertNearest(Dense(1, 4096, 4096), Dense(1, 256, 256), Dense(1, 128, 256));
    }

    [TestMethod]
    public void A_kernel_of_one_position_is_nearer_to_another_one_than_to_any_larger() => AssertNearest(Dense(1, 1024, 1024), Dense(1, 16, 16), Dense(9, 1024, 1024));

    [TestMethod]
    public void Larger_kernels_are_nearest_by_the_ratio_of_their_positions() => AssertNearest(Dense(25, 16, 16), Dense(49, 16, 16), Dense(9, 16, 16));

    [TestMethod]
    public void Channels_that_fill_no_vectors_are_nearest_to_others_that_do_not()
    {
        AssertNearest(Dense(1, 30, 30), Dense(1, 18, 18), Pointwise32);
        AssertNearest(Depthwise(72), Depthwise(24), Depthwise(64));
        AssertNearest(Depthwise(80), Depthwise(32), Depthwise(72));
    }

    [TestMethod]
    public void Dimensions_count_before_all_else() => AssertNearest(new LayerClass("Conv", 1, 3, 1, 18, 18), new LayerClass("Conv", 1, 1, 1, 256, 256), new LayerClass("Conv", 2, 9, 1, 18, 18));

    [TestMethod]
    public void A_missing_dimension_falls_to_the_next() => AssertNearest(new LayerClass("Conv", 3, 27, 1, 16, 16), Dense(9, 16, 16), new LayerClass("Conv", 1, 27, 1, 16, 16));

    [TestMethod]
    public void Of_equally_near_classes_the_first_in_the_file_is_taken()
    {
        AssertNearest(Dense(1, 32, 32), Dense(1, 16, 32), Dense(1, 32, 16));
        AssertNearest(Dense(1, 32, 32), Dense(1, 64, 32), Dense(1, 16, 32));
    }

    [TestMethod]
    public void Another_operator_and_another_grouping_stand_in_for_nothing()
    {
        var table = Table(Dense(9, 16, 16), Depthwise(16), new LayerClass("Gemm", 0, 1, 1, 16, 16));

        Assert.IsNull(table.Nearest(new LayerClass("MatMul", 0, 1, 1, 16, 16)));
        Assert.IsNull(table.Nearest(new LayerClass("Conv", 2, 9, 4, 4, 4)));
    }

    [TestMethod]
    public void The_table_without_opinion_knows_nothing()
    {
        Assert.IsNull(CostTable.None.Nearest(Pointwise32));
        Assert.IsNull(CostTable.None.Of("Add"));
    }

    [TestMethod]
    public void A_table_with_the_same_numbers_is_equal()
    {
        Assert.AreEqual(Table(Pointwise32, Depthwise(16)), Table(Pointwise32, Depthwise(16)));
        Assert.AreEqual(Table(Pointwise32).GetHashCode(), Table(Pointwise32).GetHashCode());
        Assert.AreNotEqual(Table(Pointwise32), Table(Dense(1, 32, 64)));
        Assert.AreNotEqual(Table(Pointwise32), CostTable.None);
    }

    private static LayerClass Dense(long kernel, long inputs, long outputs) => new("Conv", 2, kernel, 1, inputs, outputs);

    private static LayerClass Depthwise(long channels) => new("Conv", 2, 9, channels, 1, 1);

    private static CostTable Table(params LayerClass[] classes) => new(BorderCosts.None, [.. classes.Select(each => new LayerCost(each, 1, 1))], []);

    private static void AssertNearest(LayerClass wanted, LayerClass nearest, params LayerClass[] others)
    {
        // Where two are equally near the order decides, elsewhere it must not.
        Assert.AreEqual(nearest, Table([nearest, .. others]).Nearest(wanted)!.Class);
        if (others.All(other => other.Distance(wanted).CompareTo(nearest.Distance(wanted)) != 0))
        {
            Assert.AreEqual(nearest, Table([.. others, nearest]).Nearest(wanted)!.Class);
        }
    }
}
