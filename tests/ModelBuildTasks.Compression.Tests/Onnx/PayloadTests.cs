using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Onnx;

/// <summary>New tensor bytes on the heap and in the scratch file, and tensors that are read in parts.</summary>
[TestClass]
public sealed class PayloadTests : IDisposable
{
    private const int HeapLimit = 64 << 20;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Bytes_of_a_usual_model_stay_on_the_heap()
    {
        using var payloads = new MappedPayloads(folder.Path);

        var bytes = Fill(payloads.Create(HeapLimit), HeapLimit, 1);

        Assert.IsNull(FileView.Of(bytes));
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void More_go_to_a_scratch_file_that_goes_with_the_model()
    {
        using (var payloads = new MappedPayloads(folder.Path))
        {
            Fill(payloads.Create(HeapLimit), HeapLimit, 1);
            var first = Fill(payloads.Create(5000), 5000, 2);
            Assert.HasCount(1, Directory.GetFiles(folder.Path));
            Assert.IsTrue(first.Span.SequenceEqual(Numbers(5000, 2)));

            // The file is longer now than it was mapped.
            var second = Fill(payloads.Create(10_000), 10_000, 3);
            Assert.IsTrue(second.Span.SequenceEqual(Numbers(10_000, 3)));
            Assert.IsTrue(first.Span.SequenceEqual(Numbers(5000, 2)));
            Assert.HasCount(1, Directory.GetFiles(folder.Path));

            // A page or less is not worth a view.
            Assert.IsNull(FileView.Of(Fill(payloads.Create(4096), 4096, 4)));
        }

        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void Two_tensors_can_be_written_at_once()
    {
        using var payloads = new MappedPayloads(folder.Path);
        payloads.Create(HeapLimit);
        var (first, second) = (payloads.Create(8000), payloads.Create(8000));
        foreach (var part in Numbers(8000, 1).Zip(Numbers(8000, 2)).Chunk(1000))
        {
            first.Append(part.Select(pair => pair.First).ToArray());
            second.Append(part.Select(pair => pair.Second).ToArray());
        }

        Assert.IsTrue(first.Finish().Span.SequenceEqual(Numbers(8000, 1)));
        Assert.IsTrue(second.Finish().Span.SequenceEqual(Numbers(8000, 2)));
    }

    [TestMethod]
    public void A_new_tensor_has_the_bytes_that_were_said()
    {
        var writer = new PayloadWriter(3);
        writer.Append(new byte[2]);

        Assert.ThrowsExactly<InvalidOperationException>(() => writer.Finish());
        Assert.ThrowsExactly<ArgumentException>(() => writer.Append(new byte[2]));
    }

    [TestMethod]
    public void A_scratch_file_that_cannot_be_made_is_a_coded_error()
    {
        using var payloads = new MappedPayloads(folder.File("missing"));
        payloads.Create(HeapLimit);

        Expect.Error(DiagnosticCodes.OutputNotWritable, () => payloads.Create(5000));
    }

    [TestMethod]
    public void A_model_saves_what_is_in_its_scratch_file()
    {
        Directory.CreateDirectory(folder.File("scratch"));
        var path = ModelBuilder.Create().Input("x", 5000).Node("Relu", ["x"], ["r"]).Node("Add", ["r", "w"], ["y"]).Output("y", 5000).Save(folder);
        using var model = OnnxModel.Load(path, scratchFolder: folder.File("scratch"));
        var graph = model.EditGraph();
        graph.NewPayload(HeapLimit);
        graph.AddInitializer(TensorValues.Create("w", DataType.Uint8, Fill(graph.NewPayload(5000), 5000, 1), 5000));
        Assert.HasCount(1, Directory.GetFiles(folder.File("scratch")));

        model.Save(folder.File("out.onnx"));

        using var saved = OnnxModel.Load(folder.File("out.onnx"));
        Assert.IsTrue(saved.Proto.Graph.Initializer.Single().RawData.Span.SequenceEqual(Numbers(5000, 1)));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Parts_together_are_the_tensor(bool inFile)
    {
        var values = new float[(3 * SinglesReader.LongestPart) + 17];
        new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        var tensor = TensorValues.Create("w", values, values.Length);
        using var model = ModelBuilder.Create().Input("x", 1).Node("Relu", ["x"], ["y"]).Output("y", 1).Constant("w", tensor).Load(folder);
        tensor = inFile ? model.Proto.Graph.Initializer[0] : tensor;
        Assert.AreEqual(inFile, FileView.Of(tensor.RawData) is not null);

        var singles = new SinglesReader(tensor);
        var bytes = new BytesReader(tensor);

        Assert.AreEqual(values.Length, singles.Count);
        Assert.IsTrue(singles.Parts().SelectMany(part => singles.Read(part.Start, part.Count).ToArray()).Select(BitConverter.SingleToInt32Bits).SequenceEqual(values.Select(BitConverter.SingleToInt32Bits)));
        Assert.IsTrue(bytes.Parts().SelectMany(part => part.ToArray()).SequenceEqual(tensor.RawData));
    }

    [TestMethod]
    public void Parts_come_from_typed_fields_too()
    {
        var reader = new SinglesReader(new TensorProto { DataType = (int)DataType.Float, Dims = { 3 }, FloatData = { 1, 2, 3 } });

        Assert.AreEqual(3, reader.Count);
        Assert.IsTrue(reader.Read(1, 2).SequenceEqual([2f, 3]));
    }

    [TestMethod]
    public void Values_are_multiplied_as_they_are_read() => Assert.IsTrue(new SinglesReader(TensorValues.Create("w", [1f, 2, 3], 3), -0.5f).Read(1, 2).SequenceEqual([-1f, -1.5f]));

    [TestMethod]
    public void Values_of_other_widths_are_read_as_floats()
    {
        Assert.IsTrue(new SinglesReader(Raw<Half>(DataType.Float16, [(Half)1.5f, Half.Epsilon, Half.NegativeInfinity])).Read(0, 3).SequenceEqual([1.5f, (float)Half.Epsilon, float.NegativeInfinity]));
        Assert.IsTrue(new SinglesReader(Raw<ushort>(DataType.Bfloat16, [0x3FC0, 0xBF80]), 2).Read(0, 2).SequenceEqual([3f, -2f]));
        // The second is halfway between two floats and becomes the even one.
        Assert.IsTrue(new SinglesReader(Raw<double>(DataType.Double, [0.1, 1 + Math.Pow(2, -24), 1e300])).Read(0, 3).SequenceEqual([0.1f, 1f, float.PositiveInfinity]));
        Assert.IsTrue(new SinglesReader(new TensorProto { DataType = (int)DataType.Double, Dims = { 2 }, DoubleData = { 1, 2 } }).Read(1, 1).SequenceEqual([2f]));
    }

    [TestMethod]
    public void An_empty_tensor_has_no_parts()
    {
        var reader = new SinglesReader(TensorValues.Create("w", Array.Empty<float>(), 0));

        Assert.AreEqual(0, reader.Count);
        Assert.IsEmpty(reader.Parts());
    }

    [TestMethod]
    [DataRow(-1L, 1)]
    [DataRow(2L, 2)]
    [DataRow(long.MaxValue, 1)]
    public void A_part_outside_of_the_tensor_is_refused(long offset, int length)
    {
        var reader = new BytesReader(TensorValues.Create("w", new byte[3], 3));

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => reader.Read(offset, length));
    }

    [TestMethod]
    public void Other_types_have_no_singles() =>
        Assert.ThrowsExactly<InvalidOperationException>(() => new SinglesReader(TensorValues.Create("w", [1L], 1)));

    [TestMethod]
    public void Bytes_of_another_number_than_the_shape_has_are_refused() =>
        Assert.ThrowsExactly<ArgumentException>(() => TensorValues.Create("w", DataType.Int8, ByteString.CopyFrom(1, 2), 3));

    private static byte[] Numbers(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static TensorProto Raw<T>(DataType type, T[] values)
        where T : unmanaged => TensorValues.Create("w", type, ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())), values.Length);

    private static ByteString Fill(PayloadWriter writer, int length, int seed)
    {
        writer.Append(Numbers(length, seed));
        return writer.Finish();
    }
}
