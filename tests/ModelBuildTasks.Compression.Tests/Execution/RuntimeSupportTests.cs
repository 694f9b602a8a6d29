using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Execution;

/// <summary>A model that the referenced ONNX Runtime cannot load is told at build time.</summary>
[TestClass]
public sealed class RuntimeSupportTests
{
    [TestMethod]
    [DataRow("1.8.1", 14, 7)]
    [DataRow("1.10.0", 15, 8)]
    [DataRow("1.16.3", 19, 9)]
    [DataRow("1.20.1", 21, 10)]
    [DataRow("1.23.2", 23, 11)]
    [DataRow("1.30.0", 26, 13)]
    [DataRow("2.0.0", 26, 13)]
    public void A_version_loads_what_the_nearest_earlier_known_one_does(string version, int opset, int format)
    {
        var support = RuntimeSupport.Of(Version.Parse(version))!;

        Assert.AreEqual((opset, format), (support.NewestOpset, support.NewestFormat));
    }

    [TestMethod]
    public void The_runtime_in_this_package_loads_the_newest_operator_set_that_is_let_in() =>
        Assert.AreEqual(ModelChecks.NewestOpset, RuntimeSupport.Of(new Version(1, 31, 1))!.NewestOpset);

    [TestMethod]
    [DataRow(17, 8, "1.12", true)]
    [DataRow(18, 8, "1.12", false)]
    [DataRow(13, 8, "1.14", true)]
    [DataRow(13, 9, "1.14", false)]
    [DataRow(13, 8, "1.7", false)]
    public void Operator_set_and_format_must_be_known_to_the_version(int opset, int format, string version, bool loads)
    {
        using var folder = new TemporaryFolder();
        using var model = OnnxModel.Load(ModelBuilder.Create(opset, format).Input("x", 1, 4).Node("Relu", ["x"], ["y"]).Output("y", 1, 4).Save(folder));

        var error = Catch(() => RuntimeSupport.Require(Version.Parse(version), model, "model.onnx"));

        Assert.AreEqual(loads, error is null, error?.Message);
        Assert.AreEqual(loads ? null : DiagnosticCodes.RuntimeTooOld, error?.Code);
        Assert.AreEqual(loads ? null : "model.onnx", error?.File);
    }

    private static CompressionException? Catch(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (CompressionException exception)
        {
            return exception;
        }
    }
}
