using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests.Variants;

/// <summary>Other forms than an ONNX file of floats in and out with Q and DQ: ORT format, integer operators, integers only, 16 bits, half precision; and the runtime that must load them.</summary>
[TestClass]
public sealed class FormTests
{
    [TestMethod]
    public void A_model_in_ORT_format_is_embedded_and_runs()
    {
        var project = Running(
            """
            var input = new DenseTensor<float>(args[0].Split(',').Select(float.Parse).ToArray(), new[] { 1, 1, 8, 8 });
            """,
            ("Format", "ort"));

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(new[] { "AiModels.digits.ort" }, BuiltAssembly.ResourceNames(project.AssemblyPath));
        CollectionAssert.AreEqual(File.ReadAllBytes(project.Output("digits.ort")), BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.ort"));
        Assert.Contains("class 7", project.RunProgram(Seven).ShouldSucceed().Output);
        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void A_model_of_integers_only_takes_bytes_and_the_accessor_tells_their_scale()
    {
        var project = Running(
            """
            var input = new DenseTensor<byte>(args[0].Split(',').Select(number => (byte)Math.Clamp(Math.Round(float.Parse(number) / AiModels.Digits.InputScale) + AiModels.Digits.InputZeroPoint, 0, 255)).ToArray(), new[] { 1, 1, 8, 8 });
            """,
            ("IntegerOnly", "true"));

        project.Build().ShouldSucceed();

        Assert.Contains("class 7", project.RunProgram(Seven).ShouldSucceed().Output);
        var source = File.ReadAllText(project.Output("AiModels.g.cs"));
        Assert.Contains("public const string ImageType = \"uint8\";", source);
        Assert.Contains("public const int ScoresZeroPoint = ", source);
    }

    [TestMethod]
    public void A_model_of_integers_only_takes_signed_bytes_on_arm64()
    {
        var project = VariantProject.Library(("IntegerOnly", "true"), ("Device", "arm64"));

        project.Build().ShouldSucceed();

        Assert.Contains("public const string ImageType = \"int8\";", File.ReadAllText(project.Output("AiModels.g.cs")));
    }

    [TestMethod]
    public void A_library_of_integers_only_has_one_variant_since_its_ports_have_one_type()
    {
        var project = VariantProject.Library(("IntegerOnly", "true"));

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(new[] { "AiModels.digits.onnx" }, BuiltAssembly.ResourceNames(project.AssemblyPath));
    }

    [TestMethod]
    public void A_model_of_integer_operators_is_embedded_and_runs()
    {
        var project = Running(
            """
            var input = new DenseTensor<float>(args[0].Split(',').Select(float.Parse).ToArray(), new[] { 1, 1, 8, 8 });
            """,
            ("Format", "QOperator"));

        project.Build().ShouldSucceed();

        Assert.IsTrue(Model(project).Graph.Node.Any(node => node.OpType is "QLinearConv" or "QGemm" or "MatMulIntegerToFloat"));
        Assert.Contains("class 7", project.RunProgram(Seven).ShouldSucceed().Output);
        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void Integer_operators_of_anything_but_int8_are_one_error() =>
        Assert.Contains("Quantize is int8-weights", TestProject.WithClassifier(("Quantize", "int8-weights"), ("Format", "qoperator")).Build().ShouldFailWith(DiagnosticCodes.MetadataContradicts).Message);

    [TestMethod]
    public void Activations_of_16_bits_are_what_the_item_asks_for()
    {
        var project = VariantProject.Library(("Quantize", "int16"), ("Device", "x64"));

        project.Build().ShouldSucceed();

        var model = Model(project);
        Assert.IsTrue(model.Graph.Initializer.Any(tensor => tensor.DataType == (int)Compression.Onnx.TensorProto.Types.DataType.Uint16), "A zero point of 16 bits.");
        Assert.Contains("int16", File.ReadAllText(project.Output("digits.report.json")));
        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void Half_precision_that_the_item_asks_for_is_one_variant_for_all_processors()
    {
        var project = VariantProject.Library(("Quantize", "fp16"));

        project.Build().ShouldSucceed();

        CollectionAssert.AreEqual(new[] { "AiModels.digits.onnx" }, BuiltAssembly.ResourceNames(project.AssemblyPath));
        Assert.IsTrue(Model(project).Graph.Initializer.Where(tensor => tensor.Dims.Count > 1).All(tensor => tensor.DataType == (int)Compression.Onnx.TensorProto.Types.DataType.Float16));
        project.Build().ShouldSucceed().ShouldNotCompress();
    }

    [TestMethod]
    public void Half_precision_is_for_the_device_that_asks_for_it()
    {
        var project = VariantProject.Library(("Device", "fp16"));

        project.Build().ShouldSucceed();

        Assert.IsTrue(Model(project).Graph.Initializer.Where(tensor => tensor.Dims.Count > 1).All(tensor => tensor.DataType == (int)Compression.Onnx.TensorProto.Types.DataType.Float16));
    }

    [TestMethod]
    public void Integers_only_without_data_is_one_error() => new TestProject().WithFile("digits.onnx", Classifier.Bytes)
        .WithModel("digits.onnx", ("Quantize", "int8"), ("IntegerOnly", "true"))
        .Build().ShouldFailWith(DiagnosticCodes.MetadataContradicts);

    [TestMethod]
    public void A_model_that_the_referenced_runtime_cannot_load_is_one_error()
    {
        // The runtime of these tests is the newest; a profile names what the devices have.
        var project = VariantProject.Library(("Device", "old")).WithItem("AiDeviceProfile", "old", ("OnnxRuntime", "1.7"));

        var error = project.Build().ShouldFailWith(DiagnosticCodes.RuntimeTooOld);

        Assert.EndsWith("digits.onnx", error.File);
        Assert.Contains("1.7", error.Message);
    }

    [TestMethod]
    public void A_newer_runtime_makes_it_good_again()
    {
        var project = VariantProject.Library(("Device", "old")).WithItem("AiDeviceProfile", "old", ("OnnxRuntime", "1.7"));
        project.Build().ShouldFailWith(DiagnosticCodes.RuntimeTooOld);

        project.WithItem("AiDeviceProfile", "old", ("OnnxRuntime", "1.16.3"));

        project.Build().ShouldSucceed().ShouldCompress();
    }

    [TestMethod]
    public void The_version_that_the_project_references_counts()
    {
        var project = AccessorProject(("Format", "ort"), ("Device", "old")).WithItem("AiDeviceProfile", "old", ("OnnxRuntime", "1.40"));
        project.Build().ShouldSucceed();

        project.WithItem("AiDeviceProfile", "old", ("OnnxRuntime", "1.30"));

        Assert.Contains("1.31", project.Build().ShouldFailWith(DiagnosticCodes.RuntimeTooOld).Message);
    }

    private static Compression.Onnx.ModelProto Model(TestProject project) => Compression.Onnx.ModelProto.Parser.ParseFrom(BuiltAssembly.Resource(project.AssemblyPath, "AiModels.digits.onnx"));

    private static string Seven { get; } = string.Join(',', Classifier.Images(10)[(7 * Classifier.Pixels)..(8 * Classifier.Pixels)]);

    private static TestProject AccessorProject(params (string Name, string Value)[] metadata) => TestProject.WithClassifier(metadata)
        .WithItem("PackageReference", "Microsoft.ML.OnnxRuntime", ("Version", "1.31.1"))
        .WithItem("PackageReference", "System.Numerics.Tensors", ("Version", "10.0.12"));

    private static TestProject Running(string input, params (string Name, string Value)[] metadata) => AccessorProject(metadata)
        .WithProperty("OutputType", "Exe")
        .WithProperty("UseAppHost", "false")
        .WithFile("Program.cs",
            $$"""
            using System;
            using System.Linq;
            using Microsoft.ML.OnnxRuntime;
            using Microsoft.ML.OnnxRuntime.Tensors;
            using var session = AiModels.Digits.CreateSession();
            {{input}}
            using var results = session.Run(new[] { NamedOnnxValue.CreateFromTensor(AiModels.Digits.InputName, input) });
            var scores = results.Single().Value is Tensor<float> floats ? floats.ToArray() : ((Tensor<byte>)results.Single().Value).Select(value => (float)value).ToArray();
            Console.WriteLine($"class {Array.IndexOf(scores, scores.Max())}");
            """);
}
