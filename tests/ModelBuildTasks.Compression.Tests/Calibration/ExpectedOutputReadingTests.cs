using Google.Protobuf;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Calibration;

/// <summary>The files output_k.pb of ONNX test data.</summary>
[TestClass]
public sealed class ExpectedOutputReadingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [TestInitialize]
    public void WriteInput() => Write("test_data_set_0/input_0.pb", TensorValues.Create("", [1f], 1));

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_tensor_with_an_outputs_name_is_for_that_output()
    {
        WriteOutput(0, TensorValues.Create("b", [1f, 2], 2));
        WriteOutput(1, TensorValues.Create("a", [3f, 4], 2));

        var expected = Expected(Samples.Port("a", 2), Samples.Port("b", 2));

        CollectionAssert.AreEqual(new float[] { 3, 4 }, expected["a"].Singles.ToArray());
        CollectionAssert.AreEqual(new float[] { 1, 2 }, expected["b"].Singles.ToArray());
    }

    [TestMethod]
    public void A_tensor_without_an_outputs_name_is_for_the_output_at_its_position()
    {
        WriteOutput(1, TensorValues.Create("x", [1f, 2], 2));

        CollectionAssert.AreEqual(new float[] { 1, 2 }, Expected(Samples.Port("a", 2), Samples.Port("b", 2))["b"].Singles.ToArray());
    }

    [TestMethod]
    public void Each_sample_has_its_own()
    {
        WriteOutput(0, TensorValues.Create("", [1f], 1));
        Write("test_data_set_1/input_0.pb", TensorValues.Create("", [1f], 1));
        Write("test_data_set_1/output_0.pb", TensorValues.Create("", [2f, 3], 2));

        var samples = Open(Samples.Port("y", -1)).All();

        CollectionAssert.AreEqual(new float[] { 1 }, samples[0].Expected["y"].Singles.ToArray());
        CollectionAssert.AreEqual(new float[] { 2, 3 }, samples[1].Expected["y"].Singles.ToArray());
    }

    [TestMethod]
    public void Absent_outputs_are_expected_to_be_anything() => Assert.IsEmpty(Expected(Samples.Port("y", 1)));

    [TestMethod]
    public void An_absent_optional_output_is_expected_to_be_anything()
    {
        folder.Write("test_data_set_0/output_0.pb", "\x0A\x01o\x10\x00"u8);

        Assert.IsEmpty(Expected(Samples.Port("y", 1) with { IsOptional = true }));
    }

    [TestMethod]
    public void Halves_and_doubles_keep_their_type()
    {
        WriteOutput(0, TensorValues.Create("", DataType.Float16, ByteString.CopyFrom(0x00, 0x3C), 1));
        WriteOutput(1, TensorValues.Create("", DataType.Double, ByteString.CopyFrom(BitConverter.GetBytes(0.1)), 1));

        var expected = Expected(new ModelPort("half", DataType.Float16, [1]), new ModelPort("double", DataType.Double, [1]));

        Assert.AreEqual(DataType.Float16, expected["half"].Type);
        Assert.AreEqual(0.1, BitConverter.ToDouble(expected["double"].Bytes.Span));
    }

    [TestMethod]
    public void A_value_that_is_not_finite_may_be_expected()
    {
        WriteOutput(0, TensorValues.Create("", [1f, float.NaN], 2));

        Assert.IsTrue(float.IsNaN(Expected(Samples.Port("y", 2))["y"].Singles[1]));
    }

    [TestMethod]
    public void Integers_text_and_sequences_are_left_out()
    {
        WriteOutput(0, TensorValues.Create("", [1L], 1));
        WriteOutput(1, new TensorProto { DataType = (int)DataType.String, Dims = { 1 }, StringData = { ByteString.CopyFromUtf8("a") } });
        folder.Write("test_data_set_0/output_2.pb", "\x0A\x03seq\x10\x01"u8);
        WriteOutput(3, TensorValues.Create("", [1f], 1));

        var expected = Expected(new ModelPort("integer", DataType.Int64, [1]), new ModelPort("text", DataType.String, [1]), Samples.Port("list") with { Kind = PortKind.Sequence }, Samples.Port("y", 1));

        CollectionAssert.AreEqual(new[] { "y" }, expected.Keys.ToArray());
    }

    [TestMethod]
    public void A_bfloat16_is_left_out_whatever_its_values_are_written_as()
    {
        WriteOutput(0, TensorValues.Create("", DataType.Uint16, ByteString.CopyFrom(0x80, 0x3F), 1));
        WriteOutput(1, TensorValues.Create("", [1f], 1));

        Assert.IsEmpty(Expected(new ModelPort("a", DataType.Bfloat16, [1]), new ModelPort("b", DataType.Bfloat16, [1])));
    }

    [TestMethod]
    public void A_map_is_left_out()
    {
        folder.Write("test_data_set_0/output_0.pb", "whatever a map is"u8);

        Assert.IsEmpty(Expected(Samples.Port("y") with { Kind = PortKind.Map }));
    }

    [TestMethod]
    public void A_file_that_is_no_tensor()
    {
        Samples.Refused(DiagnosticCodes.DataUnreadable, folder.Write("test_data_set_0/output_0.pb", "no tensor"u8), "cannot be read", () => Open(Samples.Port("y", 1)));
    }

    [TestMethod]
    public void A_tensor_beyond_the_outputs() => Refused(DiagnosticCodes.DataNameMismatch, 1, TensorValues.Create("z", [1f], 1), "neither its name 'z' nor its position is that of an output of the model, which has 1");

    [TestMethod]
    public void Two_tensors_for_one_output()
    {
        WriteOutput(0, TensorValues.Create("", [1f], 1));
        Refused(DiagnosticCodes.DataNameMismatch, 1, TensorValues.Create("y", [1f], 1), "another file gives the output 'y' already");
    }

    [TestMethod]
    public void A_tensor_of_another_shape() => Refused(DiagnosticCodes.DataShapeMismatch, 0, TensorValues.Create("y", [1f, 2], 2), "[2], but the model's output 'y' gives [1]");

    [TestMethod]
    public void Integers_for_an_output_of_floats() => Refused(DiagnosticCodes.DataTypeMismatch, 0, TensorValues.Create("y", [1L], 1), "int64, but the model's output 'y' gives float");

    [TestMethod]
    public void Floats_for_an_output_of_integers()
    {
        var path = WriteOutput(0, TensorValues.Create("y", [1f], 1));
        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "float, but the model's output 'y' gives int64", () => Open(new ModelPort("y", DataType.Int64, [1])));
    }

    [TestMethod]
    public void A_sequence_for_an_output_that_is_a_tensor()
    {
        var path = folder.Write("test_data_set_0/output_0.pb", "\x0A\x03seq\x10\x01"u8);
        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "a sequence or an optional value, but the model's output 'y' gives float", () => Open(Samples.Port("y", 1)));
    }

    private void Refused(string code, int position, TensorProto tensor, string part) =>
        Samples.Refused(code, WriteOutput(position, tensor), part, () => Open(Samples.Port("y", 1)));

    private IReadOnlyDictionary<string, TensorValue> Expected(params ModelPort[] outputs) => Open(outputs).All().Single().Expected;

    private SampleSet Open(params ModelPort[] outputs) => SampleSet.Open([folder.Path], new ModelPorts([Samples.Port("x", 1)], outputs), new ImageOptions());

    private string WriteOutput(int position, TensorProto tensor) => Write($"test_data_set_0/output_{position}.pb", tensor);

    private string Write(string file, TensorProto tensor) => folder.Write(file, tensor.ToByteArray());
}
