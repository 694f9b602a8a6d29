using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Devices;
using ModelBuildTasks.Diagnostics;
using ModelBuildTasks.Items;

namespace ModelBuildTasks.Tests.Variants;

/// <summary>AiDeviceProfile items are read, and what is wrong with one is told.</summary>
[TestClass]
public sealed class DeviceProfileTests
{
    [TestMethod]
    [DataRow("Activations", "int4", DiagnosticCodes.MetadataValueUnknown)]
    [DataRow("Weights", "uint8", DiagnosticCodes.MetadataValueUnknown)]
    [DataRow("Activations", "float16", DiagnosticCodes.MetadataValueUnknown)]
    [DataRow("PairBound", "perhaps", DiagnosticCodes.MetadataValueUnknown)]
    [DataRow("Vnni", "2", DiagnosticCodes.MetadataValueUnknown)]
    [DataRow("Architectures", "z80", DiagnosticCodes.MetadataValueUnknown)]
    [DataRow("OnnxRuntime", "new", DiagnosticCodes.MetadataValueUnknown)]
    [DataRow("Actvations", "uint8", DiagnosticCodes.MetadataValueUnknown)]
    [DataRow("Costs", "missing.json", DiagnosticCodes.CostTableInvalid)]
    public void A_wrong_value_is_one_problem_that_names_the_profile(string name, string value, string code)
    {
        var problems = new List<ItemProblem>();

        ProfileParser.Parse([ShippedProfiles.Item("mine", (name, value))], ModelFolders.Of("/", "obj", "obj"), problems);

        var problem = Assert.ContainsSingle(problems);
        Assert.AreEqual(code, problem.Code);
        Assert.Contains(name == "Costs" ? "missing.json" : "AiDeviceProfile 'mine'", problem.Message);
    }

    [TestMethod]
    public void A_name_that_no_file_may_have_is_a_problem()
    {
        var problems = new List<ItemProblem>();

        ProfileParser.Parse([ShippedProfiles.Item("boards/mine")], ModelFolders.Of("/", "obj", "obj"), problems);

        var problem = Assert.ContainsSingle(problems);
        Assert.AreEqual(DiagnosticCodes.MetadataValueUnknown, problem.Code);
        Assert.Contains("AiDeviceProfile 'boards/mine'", problem.Message);
    }

    [TestMethod]
    public void A_profile_without_architectures_is_for_those_of_its_identifiers()
    {
        var profile = Read(ShippedProfiles.Item("edge", ("RuntimeIdentifiers", "linux-arm64;linux-musl-arm64")));

        CollectionAssert.AreEqual(new[] { "arm64" }, profile.Device.Architectures.ToArray());
        Assert.IsFalse(profile.IsForAnySystem);
    }

    [TestMethod]
    public void A_profile_is_timed_on_its_own_processors_only()
    {
        var profile = Read(ShippedProfiles.Item("arm64", ("Architectures", "arm64")));

        Assert.IsTrue(profile.Device.CanBeTimedOn("arm64"));
        Assert.IsFalse(profile.Device.CanBeTimedOn("x64"));
    }

    [TestMethod]
    public void Half_precision_is_for_accelerators_and_timed_on_no_processor() =>
        Assert.IsFalse(Read(ShippedProfiles.Item("npu", ("Activations", "float16"), ("Weights", "float16"))).Device.CanBeTimedOn("x64"));

    private static BuildProfile Read(Microsoft.Build.Utilities.TaskItem item) => Assert.ContainsSingle(ProfileParser.Parse([item], ModelFolders.Of("/", "obj", "obj"), []));
}
