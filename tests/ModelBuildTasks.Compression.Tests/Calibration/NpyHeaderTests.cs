using System.Text;
using ModelBuildTasks.Compression.Calibration;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class NpyHeaderTests
{
    [TestMethod]
    public void A_header_written_by_numpy_is_read_byte_for_byte()
    {
        // numpy.save of zeros((2, 3), '<f4'): 128 bytes before the data.
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".PadRight(117) + "\n";
        byte[] file = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0, .. Encoding.Latin1.GetBytes(text), .. new byte[24]];
        using var stream = new MemoryStream(file);

        var header = NpyHeader.Read(stream);

        Assert.AreEqual("<f4", header.Description);
        Assert.IsFalse(header.IsFortranOrder);
        CollectionAssert.AreEqual(new long[] { 2, 3 }, header.Shape);
        Assert.AreEqual(128, header.DataOffset);
        Assert.AreEqual(128, stream.Position);
    }

    [TestMethod]
    [DataRow((byte)1)]
    [DataRow((byte)2)]
    [DataRow((byte)3)]
    public void Every_version_is_read(byte major)
    {
        using var stream = new MemoryStream(Npy.Bytes("{'descr': '>i8', 'fortran_order': True, 'shape': (5, 1, 7), }", [], major));

        var header = NpyHeader.Read(stream);

        Assert.AreEqual(">i8", header.Description);
        Assert.IsTrue(header.IsFortranOrder);
        CollectionAssert.AreEqual(new long[] { 5, 1, 7 }, header.Shape);
        Assert.AreEqual(stream.Length, header.DataOffset);
    }

    [TestMethod]
    [DataRow("{\"shape\":(4,),\"fortran_order\":False,\"descr\":\"|u1\"}", "4")]
    [DataRow("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", "")]
    [DataRow("{'descr': [('a', '<f4'), ('b', '<i4', (2,))], 'fortran_order': False, 'shape': (9,), }", "9")]
    public void Keys_come_in_any_order_and_a_tuple_of_any_length(string dictionary, string shape)
    {
        using var stream = new MemoryStream(Npy.Bytes(dictionary, []));

        Assert.AreEqual(shape, string.Join(",", NpyHeader.Read(stream).Shape));
    }

    [TestMethod]
    [DataRow("{'descr': '<f4', 'fortran_order': False, }", "no 'shape'")]
    [DataRow("{'descr': '<f4', 'shape': (1,), }", "no 'fortran_order'")]
    [DataRow("{'fortran_order': False, 'shape': (1,), }", "no 'descr'")]
    [DataRow("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "'descr'")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}", "'more'")]
    [DataRow("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }", "True or False")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "dimension")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (1.5,), }", "','")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (5), }", "','")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "dimension")]
    [DataRow("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x", "after")]
    [DataRow("{'descr': '<f4", "without end")]
    [DataRow("'descr'", "'{'")]
    public void A_malformed_dictionary_is_refused(string dictionary, string part)
    {
        using var stream = new MemoryStream(Npy.Bytes(dictionary, []));

        Assert.Contains(part, Assert.ThrowsExactly<FormatException>(() => NpyHeader.Read(stream)).Message);
    }

    [TestMethod]
    [DataRow((byte)0, (byte)0)]
    [DataRow((byte)4, (byte)0)]
    [DataRow((byte)1, (byte)1)]
    public void An_unknown_version_is_refused(byte major, byte minor)
    {
        using var stream = new MemoryStream(Npy.Bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", [], major, minor));

        Assert.Contains($"{major}.{minor}", Assert.ThrowsExactly<FormatException>(() => NpyHeader.Read(stream)).Message);
    }

    [TestMethod]
    public void A_header_that_claims_gigabytes_is_refused_before_memory_is_taken()
    {
        using var stream = new MemoryStream([0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF]);

        Assert.Contains("4294967295", Assert.ThrowsExactly<FormatException>(() => NpyHeader.Read(stream)).Message);
    }
}
