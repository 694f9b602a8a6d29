using System.Text;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Calibration;

/// <summary>Data that leaves out the states of a model.</summary>
[TestClass]
public sealed class StatefulSamplesTests : IDisposable
{
    private static readonly ModelPorts Ports = new([Samples.Port("x", -1, 1), Samples.Port("h", 1, 4)], [Samples.Port("y", -1, 1), Samples.Port("hn", 1, 4)]);
    private static readonly byte[] TwoRows = Npy.Array([1f, 2], 2, 1);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void An_input_without_an_array_is_a_state_where_an_output_is_its_next_value()
    {
        var set = Open(folder.Write("data.npz", Npy.Archive(("x", TwoRows))));

        Assert.AreEqual("h<hn", string.Join(' ', set.States.Select(state => $"{state.Input.Name}<{state.Output.Name}")));
        Assert.IsTrue(set.All().TrueForAll(sample => sample.Inputs.Count == 1));
    }

    [TestMethod]
    public void An_array_for_a_state_wins()
    {
        var set = Open(folder.Write("data.npz", Npy.Archive(("x", TwoRows), ("h", Npy.Array([1f, 2, 3, 4, 5, 6, 7, 8], 2, 1, 4)))));

        Assert.IsEmpty(set.States);
        CollectionAssert.AreEqual(new float[] { 5, 6, 7, 8 }, set.All()[1].Values<float>("h"));
    }

    [TestMethod]
    public void A_table_an_unnamed_array_and_images_fill_the_one_input_that_is_no_state()
    {
        var pictures = Ports with { Inputs = [Samples.Port("x", 1, 1, 1, 1), Ports.Inputs[1]] };

        Assert.HasCount(1, Open(folder.Write("data.csv", "1\n2\n"u8)).States);
        Assert.HasCount(1, Open(folder.Write("data.npy", TwoRows)).States);
        Assert.HasCount(1, SampleSet.Open([folder.Write("a.png", Images.Png(1, 1, 51))], pictures, new ImageOptions()).States);
    }

    [TestMethod]
    public void An_optional_input_does_not_stand_beside_the_one()
    {
        var ports = new ModelPorts([Samples.Port("mask", -1, 1) with { IsOptional = true }, Samples.Port("x", -1, 1)], []);

        CollectionAssert.AreEqual(new float[] { 1 }, Open(folder.Write("data.csv", "1\n"u8), ports).All().Single().Values<float>());
    }

    [TestMethod]
    public void The_samples_of_a_file_and_the_images_of_a_folder_follow_one_another()
    {
        var first = folder.Write("first.npz", Npy.Archive(("x", TwoRows)));
        var second = folder.Write("second.npz", Npy.Archive(("x", TwoRows)));
        foreach (var frame in (string[])["film/a.png", "film/b.png", "other/a.png"])
        {
            folder.Write($"frames/{frame}", Images.Png(1, 1, 51));
        }

        var images = SampleSet.Open([folder.File("frames")], Samples.Ports(Samples.Port("x", 1, 1, 1, 1)), new ImageOptions());

        CollectionAssert.AreEqual(new[] { first, first, second, second }, SampleSet.Open([first, second], Ports, new ImageOptions()).All().ConvertAll(sample => sample.Series));
        CollectionAssert.AreEqual(new[] { "film", "film", "other" }, images.All().ConvertAll(sample => Path.GetFileName(sample.Series)));
    }

    [TestMethod]
    public void All_files_give_the_same_inputs()
    {
        var first = folder.Write("first.npz", Npy.Archive(("x", TwoRows)));
        var second = folder.Write("second.npz", Npy.Archive(("x", TwoRows), ("h", Npy.Array(new float[8], 2, 1, 4))));

        Samples.Refused(DiagnosticCodes.DataNameMismatch, second, "other inputs than 'first.npz'", () => SampleSet.Open([first, second], Ports, new ImageOptions()));
    }

    [TestMethod]
    public void What_is_no_state_tells_which_outputs_were_considered()
    {
        var path = folder.Write("data.npz", Npy.Archive(("x", TwoRows)));
        var ambiguous = Ports with { Outputs = [Samples.Port("first", 1, 4), Samples.Port("second", 1, 4)] };
        var impossible = Ports with { Outputs = [Samples.Port("y", -1, 1), Samples.Port("hn", 1, 5)] };

        Samples.Refused(DiagnosticCodes.DataNameMismatch, path, "input 'h', and neither names nor order tell that it is a state whose next value is 'first' or 'second'; the file has 'x'", () => Open(path, ambiguous));
        Samples.Refused(DiagnosticCodes.DataNameMismatch, path, "input 'h', and it is no state, because no output has its type and shape; the file has 'x'", () => Open(path, impossible));
    }

    [TestMethod]
    public void A_file_that_gives_nothing_at_all_is_no_data_of_states() =>
        Samples.Refused(DiagnosticCodes.DataNameMismatch, folder.Write("data.npz", Npy.Archive()), "'x'; the file has none", () => Open(folder.File("data.npz")));

    [TestMethod]
    public void A_table_for_two_inputs_that_are_no_states()
    {
        var path = folder.Write("data.csv", Encoding.UTF8.GetBytes("1\n"));

        Samples.Refused(DiagnosticCodes.DataNameMismatch, path, "has 2 that are not all states", () => Open(path, Ports with { Outputs = [] }));
    }

    [TestMethod]
    public void Text_is_no_state() => Samples.Refused(
        DiagnosticCodes.DataNameMismatch,
        folder.Write("data.npz", Npy.Archive(("x", TwoRows))),
        "'h'",
        () => Open(folder.File("data.npz"), new([Ports.Inputs[0], new ModelPort("h", DataType.String, [1])], [new ModelPort("hn", DataType.String, [1])])));

    private static SampleSet Open(string path, ModelPorts? ports = null) => SampleSet.Open([path], ports ?? Ports, new ImageOptions());
}
