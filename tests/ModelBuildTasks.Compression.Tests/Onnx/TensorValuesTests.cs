using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class TensorValuesTests
{
    [TestMethod]
    public void The_element_count_is_the_product_of_the_dimensions()
    {
        Assert.AreEqual(24, new TensorProto { Dims = { 2, 3, 4 } }.ElementCount());
        Assert.AreEqual(1, new TensorProto().ElementCount());
        Assert.AreEqual(0, new TensorProto { Dims = { long.MaxValue, 0, long.MaxValue } }.ElementCount());
    }

    [TestMethod]
    public void A_negative_or_uncountable_shape_overflows()
    {
        Assert.ThrowsExactly<OverflowException>(() => new TensorProto { Dims = { -1, -1 } }.ElementCount());
        Assert.ThrowsExactly<OverflowException>(() => new TensorProto { Dims = { 1L << 32, 1L << 32 } }.ElementCount());
    }

    // Bits of an element: the table of TensorProto.DataType in the specification.
    [TestMethod]
    [DataRow(DataType.Float, 32)]
    [DataRow(DataType.Uint8, 8)]
    [DataRow(DataType.Int8, 8)]
    [DataRow(DataType.Uint16, 16)]
    [DataRow(DataType.Int16, 16)]
    [DataRow(DataType.Int32, 32)]
    [DataRow(DataType.Int64, 64)]
    [DataRow(DataType.Bool, 8)]
    [DataRow(DataType.Float16, 16)]
    [DataRow(DataType.Double, 64)]
    [DataRow(DataType.Uint32, 32)]
    [DataRow(DataType.Uint64, 64)]
    [DataRow(DataType.Complex64, 64)]
    [DataRow(DataType.Complex128, 128)]
    [DataRow(DataType.Bfloat16, 16)]
    [DataRow(DataType.Float8E4M3Fn, 8)]
    [DataRow(DataType.Float8E4M3Fnuz, 8)]
    [DataRow(DataType.Float8E5M2, 8)]
    [DataRow(DataType.Float8E5M2Fnuz, 8)]
    [DataRow(DataType.Uint4, 4)]
    [DataRow(DataType.Int4, 4)]
    [DataRow(DataType.Float4E2M1, 4)]
    [DataRow(DataType.Float8E8M0, 8)]
    [DataRow(DataType.Uint2, 2)]
    [DataRow(DataType.Int2, 2)]
    public void Each_element_type_has_its_size(object type, int bits)
    {
        // Nine elements: packed types pad the last byte.
        var tensor = new TensorProto { DataType = (int)(DataType)type, Dims = { 9 } };

        Assert.AreEqual((9 * bits + 7) / 8, tensor.SizeInBytes());
    }

    [TestMethod]
    public void Every_element_type_of_the_schema_but_strings_has_a_size()
    {
        var without = Enum.GetValues<DataType>().Where(type => type.Bits() == 0);

        CollectionAssert.AreEqual(new[] { DataType.Undefined, DataType.String }, without.ToArray());
    }

    [TestMethod]
    public void Strings_take_the_bytes_they_have() =>
        Assert.AreEqual(5, new TensorProto { DataType = (int)DataType.String, Dims = { 2 }, StringData = { ByteString.CopyFromUtf8("ab"), ByteString.CopyFromUtf8("cde") } }.SizeInBytes());

    [TestMethod]
    public void Typed_fields_hold_what_raw_data_would()
    {
        ExpectBytes([0, 0, 128, 63, 0, 0, 0, 64], new TensorProto { DataType = (int)DataType.Float, Dims = { 2 }, FloatData = { 1, 2 } });
        ExpectBytes([0, 0, 128, 63, 0, 0, 0, 64], new TensorProto { DataType = (int)DataType.Complex64, Dims = { 1 }, FloatData = { 1, 2 } });
        ExpectBytes([0, 0, 0, 0, 0, 0, 240, 63], new TensorProto { DataType = (int)DataType.Double, Dims = { 1 }, DoubleData = { 1 } });
        ExpectBytes([254, 255, 255, 255, 255, 255, 255, 255], new TensorProto { DataType = (int)DataType.Int64, Dims = { 1 }, Int64Data = { -2 } });
        ExpectBytes([1, 0, 0, 0, 0, 0, 0, 128], new TensorProto { DataType = (int)DataType.Uint64, Dims = { 1 }, Uint64Data = { 1 + (1UL << 63) } });
        ExpectBytes([254, 255, 255, 255], new TensorProto { DataType = (int)DataType.Uint32, Dims = { 1 }, Uint64Data = { 0xFFFFFFFE } });
        ExpectBytes([254, 255, 255, 255], new TensorProto { DataType = (int)DataType.Int32, Dims = { 1 }, Int32Data = { -2 } });
        ExpectBytes([254, 255, 1, 0], new TensorProto { DataType = (int)DataType.Int16, Dims = { 2 }, Int32Data = { -2, 1 } });
        ExpectBytes([255, 255], new TensorProto { DataType = (int)DataType.Uint16, Dims = { 1 }, Int32Data = { 65535 } });
        ExpectBytes([0, 60], new TensorProto { DataType = (int)DataType.Float16, Dims = { 1 }, Int32Data = { 0x3C00 } });
        ExpectBytes([128, 63], new TensorProto { DataType = (int)DataType.Bfloat16, Dims = { 1 }, Int32Data = { 0x3F80 } });
        ExpectBytes([254, 127], new TensorProto { DataType = (int)DataType.Int8, Dims = { 2 }, Int32Data = { -2, 127 } });
        ExpectBytes([255, 0], new TensorProto { DataType = (int)DataType.Uint8, Dims = { 2 }, Int32Data = { 255, 0 } });
        ExpectBytes([1, 0], new TensorProto { DataType = (int)DataType.Bool, Dims = { 2 }, Int32Data = { 1, 0 } });
        ExpectBytes([0x56], new TensorProto { DataType = (int)DataType.Float8E4M3Fn, Dims = { 1 }, Int32Data = { 0x56 } });
        ExpectBytes([0x21, 0x03], new TensorProto { DataType = (int)DataType.Uint4, Dims = { 3 }, Int32Data = { 0x21, 0x03 } });
    }

    [TestMethod]
    public void Values_come_from_either_field()
    {
        Assert.IsTrue(TensorValues.Create("t", [1f, 2], 2).Singles().SequenceEqual([1f, 2]));
        Assert.IsTrue(new TensorProto { DataType = (int)DataType.Float, Dims = { 2 }, FloatData = { 1, 2 } }.Singles().SequenceEqual([1f, 2]));
        Assert.IsTrue(TensorValues.Create("t", [1L, -2], 2).Int64s().SequenceEqual([1L, -2]));
        Assert.IsTrue(new TensorProto { DataType = (int)DataType.Int64, Dims = { 2 }, Int64Data = { 1, -2 } }.Int64s().SequenceEqual([1L, -2]));
    }

    [TestMethod]
    public void Int32_values_are_widened() => Assert.IsTrue(TensorValues.Create("t", [1, -2], 2).Int64s().SequenceEqual([1L, -2]));

    [TestMethod]
    public void Values_of_another_type_are_refused()
    {
        Assert.ThrowsExactly<InvalidOperationException>(() => TensorValues.Create("t", [1L]).Singles().Length);
        Assert.ThrowsExactly<InvalidOperationException>(() => TensorValues.Create("t", [1f]).Int64s().Length);
    }

    [TestMethod]
    public void Values_in_raw_data_are_not_copied()
    {
        var tensor = TensorValues.Create("t", [1f, 2], 2);

        Assert.IsTrue(System.Runtime.InteropServices.MemoryMarshal.AsBytes(tensor.Singles()).Overlaps(tensor.RawData.Span));
    }

    [TestMethod]
    public void Created_tensors_have_their_type_shape_and_bytes()
    {
        Expect("t Float [2, 1] 0000803F00000040", TensorValues.Create("t", [1f, 2], 2, 1));
        Expect("t Int8 [2] FF7F", TensorValues.Create("t", new sbyte[] { -1, 127 }, 2));
        Expect("t Uint8 [2] FF7F", TensorValues.Create("t", new byte[] { 255, 127 }, 2));
        Expect("t Int32 [] 01000000", TensorValues.Create("t", [1]));
        Expect("t Int64 [1] FFFFFFFFFFFFFFFF", TensorValues.Create("t", [-1L], 1));

        static void Expect(string expected, TensorProto tensor) => Assert.AreEqual(
            expected,
            $"{tensor.Name} {tensor.ElementType()} [{string.Join(", ", tensor.Dims)}] {Convert.ToHexString(tensor.RawData.Span)}");
    }

    [TestMethod]
    public void Values_that_do_not_fill_the_shape_are_refused() =>
        Assert.ThrowsExactly<ArgumentException>(() => TensorValues.Create("t", [1f, 2], 3));

    private static void ExpectBytes(byte[] expected, TensorProto tensor)
    {
        CollectionAssert.AreEqual(expected, tensor.Bytes().ToArray(), tensor.ElementType().ToString());
        Assert.AreEqual(expected.Length, tensor.SizeInBytes());
        Assert.AreEqual(expected.Length, TypedFields.SizeInBytes(tensor));
    }
}
