using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests;

/// <summary>A bad model is one clear error; earlier results stay.</summary>
[TestClass]
public sealed class BadModelTests
{
    private static GoodThenBad project = null!;

    [ClassInitialize]
    public static void Build(TestContext context) => project = new GoodThenBad();

    [TestMethod]
    public void A_missing_model() =>
        project.ShouldFail(DiagnosticCodes.ModelUnreadable, "missing.onnx", (_, item) => item.Include = "missing.onnx");

    [TestMethod]
    public void A_folder_for_a_model() =>
        project.ShouldFail(DiagnosticCodes.ModelUnreadable, "folder.onnx", (project, item) =>
        {
            Directory.CreateDirectory(project.InFolder("folder.onnx"));
            item.Include = "folder.onnx";
        });

    [TestMethod]
    public void Text_for_a_model() => project.ShouldFailWithModel(DiagnosticCodes.NotAnOnnxModel, "This is a text, no model."u8.ToArray());

    [TestMethod]
    public void An_empty_file_for_a_model() => project.ShouldFailWithModel(DiagnosticCodes.NotAnOnnxModel, []);

    [TestMethod]
    [DataRow(1)]
    [DataRow(100)]
    [DataRow(20000)]
    public void A_truncated_model(int missingBytes) => project.ShouldFailWithModel(DiagnosticCodes.NotAnOnnxModel, Classifier.Bytes[..^missingBytes]);

    [TestMethod]
    [DataRow(0)]
    [DataRow(99)]
    public void An_opset_that_is_not_known(int opset) => project.ShouldFailWithModel(DiagnosticCodes.UnsupportedOpset, Classifier.Create(opset: opset).ToByteArray());

    [TestMethod]
    public void A_model_without_an_opset()
    {
        var model = Classifier.Create();
        model.OpsetImport.Clear();
        project.ShouldFailWithModel(DiagnosticCodes.UnsupportedOpset, model.ToByteArray());
    }

    [TestMethod]
    public void External_data_that_is_missing() => project.ShouldFailWithModel(DiagnosticCodes.ExternalDataMissing, WithExternalWeights("nowhere.bin"));

    [TestMethod]
    public void External_data_at_an_absolute_path() => project.ShouldFailWithModel(DiagnosticCodes.ExternalDataOutsideFolder, WithExternalWeights("/etc/passwd"));

    [TestMethod]
    [DataRow("../weights.bin")]
    [DataRow("a/../../weights.bin")]
    public void External_data_outside_the_models_folder(string location) => project.ShouldFailWithModel(DiagnosticCodes.ExternalDataOutsideFolder, WithExternalWeights(location));

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void A_weight_that_is_no_number(float value)
    {
        var model = Classifier.Create();
        var weights = model.Graph.Initializer.Single(tensor => tensor.Name == "weights");
        var bytes = weights.RawData.ToByteArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(400), value);
        weights.RawData = ByteString.CopyFrom(bytes);

        var error = project.ShouldFailWithModel(DiagnosticCodes.WeightNotFinite, model.ToByteArray());

        Assert.Contains("weights", error.Message);
    }

    [TestMethod]
    public void An_operator_that_does_not_exist()
    {
        var model = Classifier.Create();
        model.Graph.Node[1].OpType = "Reluu";
        project.ShouldFailWithModel(DiagnosticCodes.ModelDoesNotRun, model.ToByteArray());
    }

    private static byte[] WithExternalWeights(string location)
    {
        var model = Classifier.Create();
        var weights = model.Graph.Initializer.Single(tensor => tensor.Name == "weights");
        weights.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        weights.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{weights.RawData.Length}" });
        weights.DataLocation = TensorProto.Types.DataLocation.External;
        weights.ClearRawData();
        return model.ToByteArray();
    }
}
