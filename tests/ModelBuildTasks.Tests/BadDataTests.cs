using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>Bad calibration data is one clear error; earlier results stay.</summary>
[TestClass]
public sealed class BadDataTests
{
    private const int Count = 20;
    private static GoodThenBad project = null!;

    [ClassInitialize]
    public static void Build(TestContext context) => project = new GoodThenBad();

    [TestMethod]
    public void A_missing_file() => project.ShouldFail(DiagnosticCodes.DataUnreadable, "missing.npz", (_, item) => item["Calibration"] = "missing.npz");

    [TestMethod]
    public void A_missing_validation_file() => project.ShouldFail(DiagnosticCodes.DataUnreadable, "missing.npz", (_, item) => item["Validation"] = "missing.npz");

    [TestMethod]
    public void A_file_of_an_unknown_kind() => project.ShouldFail(DiagnosticCodes.DataUnreadable, "data.txt", (project, item) =>
    {
        project.WithFile("data.txt", "1 2 3");
        item["Calibration"] = "data.txt";
    });

    [TestMethod]
    public void A_damaged_archive() => project.ShouldFail(DiagnosticCodes.DataUnreadable, "damaged.npz", (project, item) =>
    {
        project.WithFile("damaged.npz", Classifier.Samples[..1000]);
        item["Calibration"] = "damaged.npz";
    });

    [TestMethod]
    public void An_array_of_the_wrong_name() => project.ShouldFailWithData(DiagnosticCodes.DataNameMismatch, ("picture", Images(Count, 1, 8, 8)));

    [TestMethod]
    public void An_array_of_the_wrong_shape() => project.ShouldFailWithData(DiagnosticCodes.DataShapeMismatch, ("image", Images(Count, 1, 4, 16)));

    [TestMethod]
    public void Labels_of_the_wrong_type() =>
        project.ShouldFailWithData(DiagnosticCodes.DataTypeMismatch, ("image", Images(Count, 1, 8, 8)), ("labels", NpyFile.Create(Classifier.Images(1)[..Count], Count)));

    [TestMethod]
    public void An_array_of_texts() =>
        project.ShouldFailWithData(DiagnosticCodes.DataTypeMismatch, ("image", NpyFile.CreateTexts(Count, 1, 8, 8)));

    [TestMethod]
    public void Fewer_labels_than_samples() =>
        project.ShouldFailWithData(DiagnosticCodes.LabelsMismatch, ("image", Images(Count, 1, 8, 8)), ("labels", NpyFile.Create(Classifier.Labels(Count - 1), Count - 1)));

    [TestMethod]
    public void A_label_that_is_no_class_of_the_model() =>
        project.ShouldFailWithData(DiagnosticCodes.LabelsMismatch, ("image", Images(Count, 1, 8, 8)), ("labels", NpyFile.Create([.. Classifier.Labels(Count - 1), 10L], Count)));

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.NegativeInfinity)]
    public void A_value_that_is_no_number(float value)
    {
        var images = Classifier.Images(Count);
        images[^1] = value;
        project.ShouldFailWithData(DiagnosticCodes.DataNotFinite, ("image", NpyFile.Create(images, Count, 1, 8, 8)));
    }

    [TestMethod]
    public void A_set_without_a_sample() => project.ShouldFailWithData(DiagnosticCodes.DataEmpty, ("image", NpyFile.Create(Array.Empty<float>(), 0, 1, 8, 8)));

    [TestMethod]
    public void A_ranges_file_that_is_none() => project.ShouldFail(DiagnosticCodes.RangesInvalid, "bad.ranges.json", (project, item) =>
    {
        project.WithFile("bad.ranges.json", "{ \"ranges\": 1 }");
        item["Ranges"] = "bad.ranges.json";
    });

    private static byte[] Images(params int[] shape) => NpyFile.Create(Classifier.Images(Count), shape);
}
