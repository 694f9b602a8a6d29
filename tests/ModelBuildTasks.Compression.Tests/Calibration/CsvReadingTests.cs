using System.Globalization;
using System.Text;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class CsvReadingTests
{
    private static readonly ModelPort TwoFeatures = Samples.Port("x", -1, 2);

    [TestMethod]
    public void Each_line_is_a_sample()
    {
        using var folder = new TemporaryFolder();

        var set = Open(folder, "1,2.5\n-3e2,.5\n", TwoFeatures);

        Assert.AreEqual(2, set.Count);
        Assert.IsFalse(set.HasLabels);
        CollectionAssert.AreEqual(new float[] { 1, 2.5f }, set.All()[0].Values<float>());
        CollectionAssert.AreEqual(new float[] { -300, 0.5f }, set.All()[1].Values<float>());
        CollectionAssert.AreEqual(new long[] { 1, 2 }, set.All()[0].Tensor("x").Shape);
        Assert.IsNull(set.All()[0].Label);
    }

    [TestMethod]
    public void The_samples_asked_for_are_read_in_any_order()
    {
        using var folder = new TemporaryFolder();
        var set = Open(folder, "a\n0\n10\n20\n30\n", Samples.Port("x", -1, 1));

        var samples = set.Read([1, 3, 0, 0]).ToList();

        CollectionAssert.AreEqual(new[] { 1, 3, 0, 0 }, samples.Select(sample => sample.Index).ToArray());
        CollectionAssert.AreEqual(new float[] { 10, 30, 0, 0 }, samples.Select(sample => sample.Values<float>()[0]).ToArray());
    }

    [TestMethod]
    [DataRow("width,height,label\n1,2,7\n3,4,0\n")]
    [DataRow("width,Labels,height\n1,7,2\n3,0,4\n")]
    [DataRow("label,0,1\n7,1,2\n0,3,4\n")]
    public void A_column_named_label_holds_the_class(string text)
    {
        using var folder = new TemporaryFolder();

        var set = Open(folder, text, TwoFeatures);

        Assert.IsTrue(set.HasLabels);
        CollectionAssert.AreEqual(new int?[] { 7, 0 }, set.All().ConvertAll(sample => sample.Label));
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, set.All().SelectMany(sample => sample.Values<float>()).ToArray());
    }

    [TestMethod]
    public void Columns_are_the_flattened_elements_of_a_fixed_shape()
    {
        using var folder = new TemporaryFolder();

        var sample = Open(folder, "1,2,3,4\n", Samples.Port("x", -1, 1, 2, 2)).All().Single();

        CollectionAssert.AreEqual(new long[] { 1, 1, 2, 2 }, sample.Tensor("x").Shape);
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, sample.Values<float>());
    }

    [TestMethod]
    public void A_free_number_of_features_is_told_by_the_columns()
    {
        using var folder = new TemporaryFolder();
        CollectionAssert.AreEqual(new long[] { 1, 3 }, Open(folder, "1,2,3\n", Samples.Port("x", -1, -1)).All().Single().Tensor("x").Shape);
    }

    [TestMethod]
    public void Whole_numbers_of_every_kind_keep_their_value()
    {
        using var folder = new TemporaryFolder();

        CollectionAssert.AreEqual(new[] { ulong.MaxValue, 0UL }, Open(folder, "18446744073709551615,0\n", new ModelPort("x", DataType.Uint64, [-1, 2])).All().Single().Values<ulong>());
        CollectionAssert.AreEqual(new sbyte[] { -128, 127 }, Open(folder, "-128,127\n", new ModelPort("x", DataType.Int8, [-1, 2])).All().Single().Values<sbyte>());
        CollectionAssert.AreEqual(new[] { true, false, true, false }, Open(folder, "true,FALSE,1,0\n", new ModelPort("x", DataType.Bool, [-1, 4])).All().Single().Values<bool>());
    }

    [TestMethod]
    [DataRow(nameof(DataType.Int64), "9223372036854775808", "does not fit int64")]
    [DataRow(nameof(DataType.Uint64), "18446744073709551616", "is no whole number")]
    [DataRow(nameof(DataType.Uint64), "-1", "does not fit uint64")]
    [DataRow(nameof(DataType.Bool), "2", "does not fit bool")]
    public void Whole_numbers_that_do_not_fit(string type, string number, string part)
    {
        using var folder = new TemporaryFolder();
        var set = Open(folder, $"{number}\n", new ModelPort("x", Enum.Parse<DataType>(type), [-1, 1]));

        StringAssert.Contains(Assert.ThrowsExactly<CompressionException>(() => set.All()).Message, part);
    }

    [TestMethod]
    public void A_model_that_takes_one_number_gets_one()
    {
        using var folder = new TemporaryFolder();

        var sample = Open(folder, "1\n2.5\n", Samples.Port("x")).All()[1];

        Assert.IsEmpty(sample.Tensor().Shape);
        CollectionAssert.AreEqual(new[] { 2.5f }, sample.Values<float>());
    }

    [TestMethod]
    public void A_row_fills_a_fixed_batch()
    {
        using var folder = new TemporaryFolder();

        var sample = Open(folder, "1,2\n", Samples.Port("x", 3, 2)).All().Single();

        CollectionAssert.AreEqual(new long[] { 3, 2 }, sample.Tensor("x").Shape);
        CollectionAssert.AreEqual(new float[] { 1, 2, 1, 2, 1, 2 }, sample.Values<float>());
    }

    [TestMethod]
    public void A_row_may_be_a_whole_input_without_a_batch_axis()
    {
        using var folder = new TemporaryFolder();
        CollectionAssert.AreEqual(new long[] { 3 }, Open(folder, "1,2,3\n", Samples.Port("x", 3)).All().Single().Tensor("x").Shape);
    }

    [TestMethod]
    public void Fields_are_quoted_as_RFC_4180_says()
    {
        using var folder = new TemporaryFolder();

        var set = Open(folder, "\"a \"\"long\"\", name\",\"two\r\nlines\"\r\n\"1\",\"2\"\r\n3, 4 ", TwoFeatures);

        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, set.All().SelectMany(sample => sample.Values<float>()).ToArray());
    }

    [TestMethod]
    [DataRow("1,2\n3,4")]
    [DataRow("1,2\r\n3,4\r\n")]
    [DataRow("1,2\r3,4\r")]
    [DataRow("\uFEFF1,2\n\n3,4\n\n")]
    public void Every_end_of_line_and_empty_lines_and_a_byte_order_mark_are_understood(string text)
    {
        using var folder = new TemporaryFolder();
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, Open(folder, text, TwoFeatures).All().SelectMany(sample => sample.Values<float>()).ToArray());
    }

    [TestMethod]
    public void The_culture_of_the_machine_plays_no_part()
    {
        using var folder = new TemporaryFolder();
        var culture = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (comma.NumberFormat.NumberDecimalSeparator, comma.NumberFormat.NumberGroupSeparator) = (",", ".");
        CultureInfo.CurrentCulture = comma;
        try
        {
            CollectionAssert.AreEqual(new[] { 1.5f, -2.25f }, Open(folder, "1.5,-2.25\n", TwoFeatures).All().Single().Values<float>());
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [TestMethod]
    public void Integer_inputs_take_whole_numbers()
    {
        using var folder = new TemporaryFolder();
        CollectionAssert.AreEqual(new[] { long.MaxValue, -2 }, Open(folder, "9223372036854775807,-2\n", new ModelPort("x", DataType.Int64, [-1, 2])).All().Single().Values<long>());
    }

    [TestMethod]
    public void Boolean_inputs_take_true_and_false_and_1_and_0()
    {
        using var folder = new TemporaryFolder();
        CollectionAssert.AreEqual(new[] { true, false, true, false }, Open(folder, "True,false\n1,0\n", new ModelPort("x", DataType.Bool, [-1, 2])).All().SelectMany(sample => sample.Values<bool>()).ToArray());
    }

    [TestMethod]
    public void Memory_does_not_grow_with_the_number_of_lines()
    {
        using var folder = new TemporaryFolder();
        const int Count = 20_000;
        var text = new StringBuilder();
        for (var number = 0; number < Count; number++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{number},0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25,0.25\n");
        }

        var path = folder.Write("data.csv", Encoding.UTF8.GetBytes(text.ToString()));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var sample = Samples.Open(path, Samples.Port("x", -1, 10)).Read([Count - 1]).Single();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.AreEqual(Count - 1f, sample.Values<float>()[0]);
        Assert.IsLessThan(200_000, allocated, $"{allocated} bytes for one of {Count} samples");
    }

    [TestMethod]
    public void A_folder_of_tables_is_one_set()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tables/b.csv", "3,4\n"u8);
        folder.Write("tables/a.csv", "1,2\n"u8);

        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, Samples.Open(folder.File("tables"), TwoFeatures).All().SelectMany(sample => sample.Values<float>()).ToArray());
    }

    [TestMethod]
    public void A_table_beside_images_is_no_sample()
    {
        using var folder = new TemporaryFolder();
        folder.Write("images/a.png", Images.Png(1, 1, 255));
        folder.Write("images/index.csv", "a.png,cat\n"u8);

        Assert.AreEqual(1, Samples.Open(folder.File("images"), Samples.Port("x", 1, 1, 1, 1)).Count);
    }

    [TestMethod]
    [DataRow(DiagnosticCodes.DataUnreadable, "a,b\n1,2\n3,x\n", "line 3, column 2: 'x' is no number")]
    [DataRow(DiagnosticCodes.DataUnreadable, "1,b\n1,2\n", "line 1, column 2: 'b' is no number")]
    [DataRow(DiagnosticCodes.DataNotFinite, "1,2\n\"\n3\n\",4\nNaN,4\n", "line 5, column 1: 'NaN' is NaN or infinite")]
    [DataRow(DiagnosticCodes.DataNotFinite, "1,2\n3,-Inf\n", "line 2, column 2: '-Inf'")]
    [DataRow(DiagnosticCodes.DataNotFinite, "1,2\n3,1e39\n", "line 2, column 2: '1e39'")]
    [DataRow(DiagnosticCodes.DataNotFinite, "1,2\n,4\n", "line 2, column 1: the field is empty")]
    [DataRow(DiagnosticCodes.DataNotFinite, "a,label,b\n1,0,\n", "line 2, column 3: the field is empty")]
    [DataRow(DiagnosticCodes.DataShapeMismatch, "1,2\n\n3\n", "line 3 has 1 columns, but the first line has 2")]
    [DataRow(DiagnosticCodes.DataShapeMismatch, "1,2,3\n", "line 1 has 3 columns (labels not counted), but the model's input 'x' takes [?, 2]. Give 2 columns")]
    [DataRow(DiagnosticCodes.DataUnreadable, "1;2\n3;4\n", "line 2, column 1: '3;4' is no number. Separate columns by commas")]
    [DataRow(DiagnosticCodes.DataUnreadable, "1,2\n\"3,4\n", "line 2 has a quote that is never closed")]
    [DataRow(DiagnosticCodes.DataUnreadable, "1,2\n\"3\"4,5\n", "line 2 has text after a closing quote")]
    [DataRow(DiagnosticCodes.DataUnreadable, "1,2\n3,4\"\n", "line 2 has a quote inside a field")]
    [DataRow(DiagnosticCodes.LabelsMismatch, "a,b,label\n1,2,cat\n", "line 2, column 3: the label 'cat'")]
    [DataRow(DiagnosticCodes.LabelsMismatch, "a,b,label\n1,2,-1\n", "line 2, column 3: the label '-1'")]
    [DataRow(DiagnosticCodes.LabelsMismatch, "label,a,b,labels\n1,2,3,1\n", "columns 1 and 4")]
    [DataRow(DiagnosticCodes.DataEmpty, "", "no sample")]
    [DataRow(DiagnosticCodes.DataEmpty, "a,b\n", "no sample")]
    public void What_is_wrong_is_told_with_its_place(string code, string text, string part)
    {
        using var folder = new TemporaryFolder();
        var input = text.Contains(';') ? Samples.Port("x", -1, -1) : TwoFeatures;

        Samples.Refused(code, folder.File("data.csv"), part, () => Open(folder, text, input).All());
    }

    [TestMethod]
    public void A_quote_that_is_never_closed_does_not_swallow_a_large_file()
    {
        using var folder = new TemporaryFolder();
        Samples.Refused(DiagnosticCodes.DataUnreadable, folder.File("data.csv"), "more than 4096", () => Open(folder, "\"1,2\n" + new string('3', 10_000), TwoFeatures));
    }

    [TestMethod]
    [DataRow("1,2.5\n", "line 1, column 2: '2.5' is no whole number")]
    [DataRow("1,300\n", "line 1, column 2: 300 does not fit uint8")]
    public void A_number_that_an_integer_input_cannot_take(string text, string part)
    {
        using var folder = new TemporaryFolder();
        Samples.Refused(DiagnosticCodes.DataTypeMismatch, folder.File("data.csv"), part, () => Open(folder, text, new ModelPort("x", DataType.Uint8, [-1, 2])).All());
    }

    [TestMethod]
    public void A_table_for_several_inputs()
    {
        using var folder = new TemporaryFolder();
        Samples.Refused(DiagnosticCodes.DataNameMismatch, folder.File("data.csv"), "the model has 2", () => Open(folder, "1,2\n", TwoFeatures, Samples.Port("y", -1, 2)));
    }

    [TestMethod]
    public void A_table_for_free_heights_and_widths()
    {
        using var folder = new TemporaryFolder();
        Samples.Refused(DiagnosticCodes.DataShapeMismatch, folder.File("data.csv"), "give a .npz file", () => Open(folder, "1,2\n", Samples.Port("x", -1, 1, -1, -1)));
    }

    private static SampleSet Open(TemporaryFolder folder, string text, params ModelPort[] inputs) =>
        Samples.Open(folder.Write("data.csv", Encoding.UTF8.GetBytes(text)), inputs);
}
