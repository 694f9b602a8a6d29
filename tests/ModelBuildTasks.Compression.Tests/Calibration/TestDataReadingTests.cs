using Google.Protobuf;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Calibration;

/// <summary>Folders as the ONNX backend tests have them: test_data_set_0/input_0.pb.</summary>
[TestClass]
public sealed class TestDataReadingTests
{
    private static readonly ModelPort List = Samples.Port("x") with { Kind = PortKind.Sequence };

    private static readonly ModelPort[] Two = [Samples.Port("a", 2), Samples.Port("b", 2)];

    [TestMethod]
    public void Each_folder_is_a_sample_in_the_order_of_their_numbers()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_10/input_0.pb", "", [10f], 1);
        Write(folder, "test_data_set_2/input_0.pb", "", [2f], 1);
        folder.Write("model.onnx", "no data"u8);

        var set = Samples.Open(folder.Path, Samples.Port("x", 1));

        Assert.AreEqual(2, set.Count);
        Assert.IsFalse(set.HasLabels);
        CollectionAssert.AreEqual(new float[] { 2, 10 }, set.All().SelectMany(sample => sample.Values<float>()).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 1 }, set.All().ConvertAll(sample => sample.Index));
    }

    [TestMethod]
    public void One_of_the_folders_is_a_set_too()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_0/input_0.pb", "", [1f], 1);
        Write(folder, "test_data_set_1/input_0.pb", "", [2f], 1);

        CollectionAssert.AreEqual(new float[] { 2 }, Samples.Open(folder.File("test_data_set_1"), Samples.Port("x", 1)).All().Single().Values<float>());
    }

    [TestMethod]
    public void A_tensor_without_an_inputs_name_is_for_the_input_at_its_position()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_0/input_0.pb", "", [1f, 2], 2);
        Write(folder, "test_data_set_0/input_1.pb", "other", [3f, 4], 2);

        var sample = Samples.Open(folder.Path, Two).All().Single();

        CollectionAssert.AreEqual(new float[] { 1, 2 }, sample.Values<float>("a"));
        CollectionAssert.AreEqual(new float[] { 3, 4 }, sample.Values<float>("b"));
    }

    [TestMethod]
    public void A_tensor_with_an_inputs_name_is_for_that_input()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_0/input_0.pb", "b", [1f, 2], 2);
        Write(folder, "test_data_set_0/input_1.pb", "a", [3f, 4], 2);

        var sample = Samples.Open(folder.Path, Two).All().Single();

        CollectionAssert.AreEqual(new float[] { 3, 4 }, sample.Values<float>("a"));
        CollectionAssert.AreEqual(new float[] { 1, 2 }, sample.Values<float>("b"));
    }

    [TestMethod]
    public void Shapes_may_differ_from_sample_to_sample()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_0/input_0.pb", "", [1f, 2], 1, 2);
        Write(folder, "test_data_set_1/input_0.pb", "", [1f, 2, 3, 4, 5, 6], 2, 3);

        var samples = Samples.Open(folder.Path, Samples.Port("x", -1, -1)).All();

        CollectionAssert.AreEqual(new long[] { 1, 2 }, samples[0].Tensor("x").Shape);
        CollectionAssert.AreEqual(new long[] { 2, 3 }, samples[1].Tensor("x").Shape);
    }

    [TestMethod]
    public void Samples_of_different_shapes_calibrate()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_0/input_0.pb", "", [1f, -2], 1, 2);
        Write(folder, "test_data_set_1/input_0.pb", "", [1f, 2, 3, 4, 5, 6], 2, 3);
        using var model = ModelBuilder.Create().Input("x", DataType.Float, "rows", "columns").Output("y").Node("Relu", ["x"], ["y"]).Load(folder);

        var ranges = RangeCollector.Collect(model, Samples.Open(folder.Path, Samples.Port("x", -1, -1)), [0, 1], CalibrationMethod.MinMax, null, CancellationToken.None).Ranges;

        Assert.AreEqual(new ValueRange(-2, 6), ranges["x"]);
    }

    [TestMethod]
    public void Values_outside_raw_data_are_read()
    {
        using var folder = new TemporaryFolder();
        var tensor = new TensorProto { DataType = (int)DataType.Bool };
        tensor.Dims.Add(3);
        tensor.Int32Data.Add([1, 0, 1]);
        folder.Write("test_data_set_0/input_0.pb", tensor.ToByteArray());

        var sample = Samples.Open(folder.Path, new ModelPort("x", DataType.Bool, [3])).All().Single();

        CollectionAssert.AreEqual(new[] { true, false, true }, sample.Values<bool>());
    }

    [TestMethod]
    public void A_scalar_is_read()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_0/input_0.pb", "", [5f]);

        var value = Samples.Open(folder.Path, Samples.Port("x")).All().Single().Tensor();

        Assert.IsEmpty(value.Shape);
        Assert.AreEqual(5f, value.Singles[0]);
    }

    [TestMethod]
    public void A_sequence_is_for_an_input_that_takes_one()
    {
        using var folder = new TemporaryFolder();
        folder.Write("test_data_set_0/input_0.pb", Sequence([TensorValues.Create("", [1f], 1), TensorValues.Create("", [2f, 3], 2)]));

        var sequence = (SequenceValue)Samples.Open(folder.Path, List).All().Single().Inputs["x"];

        CollectionAssert.AreEqual(new float[] { 1, 2, 3 }, sequence.Elements.Cast<TensorValue>().SelectMany(tensor => tensor.Singles.ToArray()).ToArray());
    }

    [TestMethod]
    public void A_sequence_with_the_name_of_an_input_is_for_that_input()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_0/input_1.pb", "a", [1f, 2], 2);
        folder.Write("test_data_set_0/input_0.pb", Sequence([TensorValues.Create("", [3f], 1)]));

        var sample = Samples.Open(folder.Path, Samples.Port("a", 2), List with { Name = "seq" }).All().Single();

        Assert.HasCount(1, ((SequenceValue)sample.Inputs["seq"]).Elements);
    }

    [TestMethod]
    public void An_optional_value_is_what_it_holds()
    {
        using var folder = new TemporaryFolder();
        var tensor = TensorValues.Create("", [1f], 1).ToByteArray();
        var sequence = Sequence([TensorValues.Create("", [1f], 1)]);
        folder.Write("test_data_set_0/input_0.pb", [0x0A, 17, .. "an_optional_value"u8, 0x10, 1, 0x1A, (byte)tensor.Length, .. tensor]);
        folder.Write("test_data_set_0/input_1.pb", [.. "\x0A\x01o\x10\x03\x2A"u8, (byte)sequence.Length, .. sequence]);

        var inputs = Samples.Open(folder.Path, Samples.Port("x", 1) with { IsOptional = true }, List with { Name = "y", IsOptional = true }).All().Single().Inputs;

        Assert.AreEqual(1, ((TensorValue)inputs["x"]).Singles[0]);
        Assert.HasCount(1, ((SequenceValue)inputs["y"]).Elements);
    }

    [TestMethod]
    public void A_tensor_is_for_an_optional_input_too()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_0/input_0.pb", "", [5f], 1);

        CollectionAssert.AreEqual(new float[] { 5 }, Samples.Open(folder.Path, Samples.Port("x", 1) with { IsOptional = true }).All().Single().Values<float>());
    }

    [TestMethod]
    public void Text_is_read()
    {
        using var folder = new TemporaryFolder();
        folder.Write("test_data_set_0/input_0.pb", Text("größe", "").ToByteArray());

        var text = (TextValue)Samples.Open(folder.Path, new ModelPort("x", DataType.String, [-1])).All().Single().Inputs["x"];

        CollectionAssert.AreEqual(new[] { "größe", "" }, text.Elements.Select(element => System.Text.Encoding.UTF8.GetString(element.Span)).ToArray());
    }

    [TestMethod]
    [DataRow(0x3F80, 0x7F80)]
    [DataRow(0x3F80, 0xFF80)]
    [DataRow(0x7F7F, 0x7FC0)]
    public void A_bfloat16_is_finite_too(int finite, int wrong)
    {
        using var folder = new TemporaryFolder();
        var tensor = new TensorProto { DataType = (int)DataType.Bfloat16, Int32Data = { finite, wrong } };
        tensor.Dims.Add(2);
        var path = folder.Write("test_data_set_0/input_0.pb", tensor.ToByteArray());

        Samples.Refused(DiagnosticCodes.DataNotFinite, path, "element 1", () => Samples.Open(folder.Path, new ModelPort("x", DataType.Bfloat16, [2])));
    }

    [TestMethod]
    public void A_sequence_for_a_tensor()
    {
        using var folder = new TemporaryFolder();
        Refused(folder, DiagnosticCodes.DataTypeMismatch, Sequence([TensorValues.Create("", [1f], 1)]), "holds a sequence or an optional value, but the model's input 'x' takes float");
    }

    [TestMethod]
    public void A_tensor_for_a_sequence()
    {
        using var folder = new TemporaryFolder();
        var path = Write(folder, "test_data_set_0/input_0.pb", "", [1f], 1);

        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "holds a tensor, but the model's input 'x' takes a sequence of float tensors", () => Samples.Open(folder.Path, List));
    }

    [TestMethod]
    public void A_sequence_of_another_element_type()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("test_data_set_0/input_0.pb", Sequence([TensorValues.Create("", [1f], 1), TensorValues.Create("", [2L], 1)]));

        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "int64, but the model's input 'x' takes a sequence of float tensors", () => Samples.Open(folder.Path, List));
    }

    [TestMethod]
    public void A_sequence_with_a_damaged_tensor()
    {
        using var folder = new TemporaryFolder();
        var tensor = TensorValues.Create("", [1f, 2], 2);
        tensor.Dims[0] = 3;
        var path = folder.Write("test_data_set_0/input_0.pb", Sequence([tensor]));

        Samples.Refused(DiagnosticCodes.DataUnreadable, path, "do not fill its shape", () => Samples.Open(folder.Path, List));
    }

    [TestMethod]
    public void An_empty_sequence()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("test_data_set_0/input_0.pb", Sequence([]));

        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "holds an empty sequence", () => Samples.Open(folder.Path, List));
        Samples.Refused(DiagnosticCodes.DataTypeMismatch, path, "holds an empty sequence", () => Samples.Open(folder.Path, List with { IsOptional = true }));
    }

    [TestMethod]
    public void An_absent_optional_value_is_left_out()
    {
        using var folder = new TemporaryFolder();
        folder.Write("test_data_set_0/input_0.pb", "\x0A\x01o\x10\x00"u8);
        Write(folder, "test_data_set_1/input_0.pb", "", [1f], 1);

        var samples = Samples.Open(folder.Path, Samples.Port("x", 1) with { IsOptional = true }).All();

        Assert.IsEmpty(samples[0].Inputs);
        CollectionAssert.AreEqual(new float[] { 1 }, samples[1].Values<float>());
    }

    [TestMethod]
    public void An_absent_value_for_an_input_that_is_not_optional()
    {
        using var folder = new TemporaryFolder();
        Refused(folder, DiagnosticCodes.DataTypeMismatch, [.. "\x0A\x01o\x10\x00"u8], "holds a sequence or an optional value, but the model's input 'x' takes float");
    }

    [TestMethod]
    public void Text_with_fewer_strings_than_its_shape()
    {
        using var folder = new TemporaryFolder();
        var text = Text("a", "b");
        text.Dims[0] = 3;
        Refused(folder, DiagnosticCodes.DataUnreadable, text.ToByteArray(), "do not fill its shape");
    }

    [TestMethod]
    public void Every_sample_gives_the_same_inputs()
    {
        using var folder = new TemporaryFolder();
        var ports = new ModelPorts([Samples.Port("x", 1), Samples.Port("h", 1, 4)], [Samples.Port("y", 1), Samples.Port("hn", 1, 4)]);
        Write(folder, "test_data_set_0/input_0.pb", "", [1f], 1);
        Write(folder, "test_data_set_1/input_0.pb", "", [1f], 1);
        Assert.AreEqual("h", SampleSet.Open([folder.Path], ports, new ImageOptions()).States.Single().Input.Name);

        Write(folder, "test_data_set_1/input_1.pb", "", [1f, 2, 3, 4], 1, 4);
        Samples.Refused(DiagnosticCodes.DataNameMismatch, folder.File("test_data_set_1"), "other inputs than 'test_data_set_0'", () => SampleSet.Open([folder.Path], ports, new ImageOptions()));
    }

    [TestMethod]
    public void A_file_that_is_no_tensor()
    {
        using var folder = new TemporaryFolder();
        Refused(folder, DiagnosticCodes.DataUnreadable, [.. "version https"u8], "cannot be read");
    }

    [TestMethod]
    public void A_truncated_tensor()
    {
        using var folder = new TemporaryFolder();
        Refused(folder, DiagnosticCodes.DataUnreadable, TensorValues.Create("x", [1f, 2], 2).ToByteArray()[..^3], "cannot be read");
    }

    [TestMethod]
    public void A_tensor_with_fewer_values_than_its_shape()
    {
        using var folder = new TemporaryFolder();
        var tensor = TensorValues.Create("x", [1f, 2], 2);
        tensor.Dims[0] = 3;
        Refused(folder, DiagnosticCodes.DataUnreadable, tensor.ToByteArray(), "do not fill its shape");
    }

    [TestMethod]
    public void An_empty_file()
    {
        using var folder = new TemporaryFolder();
        Refused(folder, DiagnosticCodes.DataUnreadable, [], "cannot be read");
    }

    [TestMethod]
    public void A_tensor_of_another_type()
    {
        using var folder = new TemporaryFolder();
        Refused(folder, DiagnosticCodes.DataTypeMismatch, TensorValues.Create("", [1L, 2], 2).ToByteArray(), "int64, but the model's input 'x' takes float");
    }

    [TestMethod]
    public void A_tensor_of_another_shape()
    {
        using var folder = new TemporaryFolder();
        Refused(folder, DiagnosticCodes.DataShapeMismatch, TensorValues.Create("", [1f, 2, 3], 3).ToByteArray(), "[3], but the model's input 'x' takes [2]");
    }

    [TestMethod]
    public void A_tensor_that_is_not_finite()
    {
        using var folder = new TemporaryFolder();
        Refused(folder, DiagnosticCodes.DataNotFinite, TensorValues.Create("", [1f, float.NaN], 2).ToByteArray(), "element 1");
    }

    [TestMethod]
    public void A_tensor_beyond_the_inputs()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_0/input_0.pb", "", [1f, 2], 2);
        var path = Write(folder, "test_data_set_0/input_1.pb", "other", [1f, 2], 2);

        Samples.Refused(DiagnosticCodes.DataNameMismatch, path, "'other'", () => Samples.Open(folder.Path, Samples.Port("x", 2)));
    }

    [TestMethod]
    public void Two_tensors_for_one_input()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_0/input_0.pb", "a", [1f, 2], 2);
        var path = Write(folder, "test_data_set_0/input_1.pb", "a", [1f, 2], 2);

        Samples.Refused(DiagnosticCodes.DataNameMismatch, path, "'a' already", () => Samples.Open(folder.Path, Two));
    }

    [TestMethod]
    public void No_tensor_for_an_input()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "test_data_set_0/input_0.pb", "a", [1f, 2], 2);

        Samples.Refused(DiagnosticCodes.DataNameMismatch, folder.File("test_data_set_0"), "'b'", () => Samples.Open(folder.Path, Two));
    }

    [TestMethod]
    public void Test_data_beside_arrays()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "data/test_data_set_0/input_0.pb", "", [1f], 1);
        folder.Write("data/x.npy", Npy.Array([1f], 1, 1));

        Samples.Refused(DiagnosticCodes.DataUnreadable, folder.File("data"), "more than one of", () => Samples.Open(folder.File("data"), Samples.Port("x", -1)));
    }

    private static void Refused(TemporaryFolder folder, string code, byte[] content, string part)
    {
        var path = folder.Write("test_data_set_0/input_0.pb", content);
        Samples.Refused(code, path, part, () => Samples.Open(folder.Path, Samples.Port("x", 2)));
    }

    private static string Write(TemporaryFolder folder, string file, string name, float[] values, params long[] dims) =>
        folder.Write(file, TensorValues.Create(name, values, dims).ToByteArray());

    private static TensorProto Text(params string[] elements)
    {
        var tensor = new TensorProto { DataType = (int)DataType.String };
        tensor.Dims.Add(elements.Length);
        tensor.StringData.Add(elements.Select(ByteString.CopyFromUtf8));
        return tensor;
    }

    // SequenceProto of onnx-data.proto, with the name that ONNX gives it: 1 name, 2 elem_type (1 is a tensor), 3 tensor_values.
    private static byte[] Sequence(TensorProto[] tensors) =>
        [.. "\x0A\x03seq\x10\x01"u8, .. tensors.Select(tensor => tensor.ToByteArray()).SelectMany(bytes => (byte[])[0x1A, (byte)bytes.Length, .. bytes])];
}
