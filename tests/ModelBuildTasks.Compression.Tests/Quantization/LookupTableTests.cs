using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.IntegerOnly;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class LookupTableTests
{
    [TestMethod]
    public void An_entry_is_what_the_function_makes_of_the_number_that_its_byte_stands_for()
    {
        // Bytes from −12.8 to 12.7, squares in steps of 0.5 up to 127.5.
        var table = LookupTable.Of("t", x => x * x, new PortQuantization(0.1f, 128), new PortQuantization(0.5f, 0), DataType.Uint8).Bytes();

        Assert.AreEqual(256, table.Length);
        Assert.AreEqual(0, table[128]);
        Assert.AreEqual(2, table[138], "1² = 1.0");
        Assert.AreEqual(2, table[118], "(−1)²");
        Assert.AreEqual(8, table[148], "2² = 4.0");
        Assert.AreEqual(255, table[0], "(−12.8)² = 163.84 saturates");
    }

    [TestMethod]
    public void A_signed_byte_below_zero_counts_from_the_end()
    {
        var table = LookupTable.Of("t", x => -x, new PortQuantization(1, 0), new PortQuantization(1, 0), DataType.Int8).Bytes();

        Assert.AreEqual(-5, (sbyte)table[5]);
        Assert.AreEqual(5, (sbyte)table[256 - 5]);
        Assert.AreEqual(127, (sbyte)table[128], "128 saturates");
    }

    [TestMethod]
    public void What_is_no_number_stands_for_zero()
    {
        var table = LookupTable.Of("t", Math.Log, new PortQuantization(1, 100), new PortQuantization(0.1f, 50), DataType.Uint8).Bytes();

        Assert.AreEqual(50, table[0], "the logarithm of −100");
        Assert.AreEqual(0, table[100], "the logarithm of 0");
        Assert.AreEqual(50, table[101], "the logarithm of 1");
    }

    /// <summary>Abramowitz and Stegun 1964, table 7.1.</summary>
    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(0.02, 0.0225645747)]
    [DataRow(0.5, 0.5204998778)]
    [DataRow(1, 0.8427007929)]
    [DataRow(1.5, 0.9661051465)]
    [DataRow(2, 0.9953222650)]
    [DataRow(5.9, 1)]
    [DataRow(100, 1)]
    [DataRow(double.PositiveInfinity, 1)]
    [DataRow(double.NaN, double.NaN)]
    public void The_error_function_is_that_of_the_tables_and_odd(double x, double expected)
    {
        Assert.AreEqual(expected, ErrorFunction.Of(x), 1e-10);
        Assert.AreEqual(-expected, ErrorFunction.Of(-x), 1e-10);
    }
}
