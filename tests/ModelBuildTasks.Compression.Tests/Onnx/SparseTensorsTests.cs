using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class SparseTensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Linear_indices_count_row_by_row() => ExpectDense([0, 5, 0, 0, 0, 7], Sparse([5f, 7], TensorValues.Create("", [1L, 5], 2), 2, 3));

    [TestMethod]
    public void Coordinates_have_a_row_for_each_value() => ExpectDense([0, 5, 0, 0, 0, 7], Sparse([5f, 7], TensorValues.Create("", [0L, 1, 1, 2], 2, 2), 2, 3));

    [TestMethod]
    public void Indices_of_fewer_bits_are_read_as_the_runtime_writes_them()
    {
        ExpectDense([0, 5, 0, 0, 0, 7], Sparse([5f, 7], TensorValues.Create("", (ReadOnlySpan<sbyte>)[1, 5], 2), 2, 3));
        ExpectDense([0, 5, 0, 0, 0, 7], Sparse([5f, 7], TensorValues.Create("", (ReadOnlySpan<int>)[1, 5], 2), 2, 3));
        ExpectDense([0, 5, 0, 0, 0, 7], Sparse([5f, 7], TensorValues.Create("", TensorProto.Types.DataType.Int16, ByteString.CopyFrom(1, 0, 5, 0), 2), 2, 3));
    }

    [TestMethod]
    public void Without_values_all_are_zero()
    {
        ExpectDense([0, 0, 0], Sparse([], TensorValues.Create("", Array.Empty<long>(), 0), 3));
        ExpectDense([0, 0, 0], Sparse([], null, 3));
    }

    [TestMethod]
    public void An_empty_shape_has_no_values() => ExpectDense([], Sparse([], TensorValues.Create("", Array.Empty<long>(), 0), 3, 0));

    [TestMethod]
    public void The_name_the_type_and_the_shape_are_kept()
    {
        var dense = SparseTensors.ToDense(Sparse([5f], TensorValues.Create("", [1L], 1), 2, 3), "model.onnx");

        Assert.AreEqual(TensorValues.Create("values", [0f, 5, 0, 0, 0, 0], 2, 3), dense);
    }

    [TestMethod]
    [DataRow(DataType.Uint8, new byte[] { 0xAB }, new byte[] { 0, 0, 0xAB, 0 })]
    [DataRow(DataType.Float16, new byte[] { 0xAB, 0xCD }, new byte[] { 0, 0, 0, 0, 0xAB, 0xCD, 0, 0 })]
    // The third element is in the lower half of the second byte, or in the bits 4 and 5 of the only one.
    [DataRow(DataType.Int4, new byte[] { 0x0B }, new byte[] { 0, 0x0B })]
    [DataRow(DataType.Uint2, new byte[] { 0x03 }, new byte[] { 0x30 })]
    public void Values_of_any_type_stand_where_they_belong(object type, byte[] value, byte[] expected)
    {
        var sparse = Sparse([0f], TensorValues.Create("", [2L], 1), 4);
        sparse.Values = TensorValues.Create("values", (DataType)type, ByteString.CopyFrom(value), 1);

        CollectionAssert.AreEqual(expected, SparseTensors.ToDense(sparse, "model.onnx").RawData.ToByteArray());
    }

    [TestMethod]
    public void Packed_values_keep_their_order()
    {
        var sparse = Sparse([0f], TensorValues.Create("", [0L, 3, 4], 3), 5);
        sparse.Values = TensorValues.Create("values", DataType.Uint4, ByteString.CopyFrom(0x21, 0x03), 3);

        CollectionAssert.AreEqual(new byte[] { 0x01, 0x20, 0x03 }, SparseTensors.ToDense(sparse, "model.onnx").RawData.ToByteArray());
    }

    [TestMethod]
    public void Texts_between_are_empty()
    {
        var sparse = Sparse([0f], TensorValues.Create("", [1L], 1), 3);
        sparse.Values = new TensorProto { DataType = (int)DataType.String, Dims = { 1 }, StringData = { ByteString.CopyFromUtf8("a") } };

        Assert.AreEqual("|a|", string.Join('|', SparseTensors.ToDense(sparse, "model.onnx").StringData.Select(text => text.ToStringUtf8())));
    }

    [TestMethod]
    [DataRow(new long[] { 6 }, new long[] { 1 })]
    [DataRow(new long[] { -1 }, new long[] { 1 })]
    [DataRow(new long[] { 0, 3 }, new long[] { 1, 2 })]
    [DataRow(new long[] { -1, 0 }, new long[] { 1, 2 })]
    [DataRow(new long[] { 2, 0 }, new long[] { 1, 2 })]
    [DataRow(new long[] { 0, 1, 0 }, new long[] { 1, 3 })]
    [DataRow(new long[] { 1, 2 }, new long[] { 2 })]
    [DataRow(new long[] { }, new long[] { 0 })]
    [DataRow(new long[] { 1 }, new long[] { 1, 1, 1 })]
    public void Indices_that_do_not_fit_are_an_error(long[] indices, long[] dims) =>
        ExpectError(Sparse([5f], TensorValues.Create("", indices.AsSpan(), dims), 2, 3));

    [TestMethod]
    [DataRow(2L, 1L)]
    [DataRow(2L, 2L)]
    public void Indices_must_ascend(long first, long second) => ExpectError(Sparse([5f, 7], TensorValues.Create("", [first, second], 2), 2, 3));

    [TestMethod]
    public void Other_faults_are_errors()
    {
        var indices = TensorValues.Create("", [1L], 1);
        ExpectError(new SparseTensorProto { Indices = indices, Dims = { 3 } });
        ExpectError(Sparse([5f], null, 3));
        ExpectError(Sparse([5f], TensorValues.Create("", [1f], 1), 3));
        ExpectError(Sparse([5f], indices, -3));
        ExpectError(Sparse([5f], indices, 1L << 40, 1L << 40));
        ExpectError(Sparse([5f, 6, 7], TensorValues.Create("", [0L, 1, 2], 3), 2));
        var matrix = Sparse([5f], indices, 3);
        matrix.Values.Dims.Insert(0, 1);
        ExpectError(matrix);
        var untyped = Sparse([5f], indices, 3);
        untyped.Values.DataType = 99;
        ExpectError(untyped);
    }

    [TestMethod]
    public void A_tensor_beyond_the_heap_is_too_large() =>
        Expect.Error(DiagnosticCodes.ModelTooLarge, () => SparseTensors.ToDense(Sparse([5f], TensorValues.Create("", [1L], 1), 1 << 20, 1 << 20), "model.onnx"));

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void It_is_the_tensor_that_ONNX_Runtime_sees(bool coordinates)
    {
        var random = new Random(9);
        var positions = Enumerable.Range(0, 60).Where(_ => random.Next(3) == 0).Select(position => (long)position).ToArray();
        var values = positions.Select(_ => random.NextSingle()).ToArray();
        var indices = coordinates
            ? TensorValues.Create("", positions.SelectMany(position => new[] { position / 12, position / 4 % 3, position % 4 }).ToArray().AsSpan(), positions.Length, 3)
            : TensorValues.Create("", positions.AsSpan(), positions.Length);
        var proto = ModelBuilder.Create().Input("x", 5, 3, 4).Node("Add", ["x", "values"], ["y"]).Output("y", 5, 3, 4).Build();
        proto.Graph.SparseInitializer.Add(Sparse(values, indices, 5, 3, 4));
        using var model = OnnxModel.Load(folder.Write("model.onnx", proto.ToByteArray()));
        model.Save(folder.File("saved.onnx"));

        using var session = new InferenceSession(folder.File("saved.onnx"));
        using var input = OrtValue.CreateTensorValueFromMemory(new float[60], [5, 3, 4]);
        using var outputs = session.Run(new RunOptions(), ["x"], [input], ["y"]);

        var dense = SparseTensors.ToDense(model.Proto.Graph.SparseInitializer[0], model.Path);
        Assert.IsTrue(outputs[0].GetTensorDataAsSpan<float>().SequenceEqual(dense.Singles()));
    }

    private static SparseTensorProto Sparse(float[] values, TensorProto? indices, params long[] dims) =>
        new() { Values = TensorValues.Create("values", values, values.Length), Indices = indices, Dims = { dims } };

    private static void ExpectDense(float[] expected, SparseTensorProto sparse)
    {
        var dense = SparseTensors.ToDense(sparse, "model.onnx");
        Assert.AreEqual(string.Join(' ', expected), string.Join(' ', dense.Singles().ToArray()));
        CollectionAssert.AreEqual(sparse.Dims, dense.Dims);
    }

    private static void ExpectError(SparseTensorProto sparse) => Expect.Error(DiagnosticCodes.NotAnOnnxModel, () => SparseTensors.ToDense(sparse, "model.onnx"));
}
