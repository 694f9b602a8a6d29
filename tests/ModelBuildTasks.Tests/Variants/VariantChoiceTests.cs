using Microsoft.Build.Framework;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Devices;
using ModelBuildTasks.Diagnostics;

namespace ModelBuildTasks.Tests.Variants;

/// <summary>Which variants of a model a build embeds.</summary>
[TestClass]
public sealed class VariantChoiceTests
{
    private const string Host = "linux-x64";
    private static readonly CompressionRequest Quantized = new() { ModelPath = "digits.onnx", Name = "digits", OutputFolder = "out", CacheFolder = "cache", Quantize = QuantizationMode.Int8, Calibration = ["digits.npz"] };

    [TestMethod]
    [DataRow("linux-x64", "x64")]
    [DataRow("win-x64", "x64")]
    [DataRow("osx-x64", "x64")]
    [DataRow("linux-musl-x64", "x64")]
    [DataRow("win-x86", "x64")]
    [DataRow("linux-arm64", "arm64")]
    [DataRow("linux-musl-arm64", "arm64")]
    [DataRow("linux-bionic-arm64", "arm64")]
    [DataRow("win-arm64", "arm64")]
    [DataRow("osx-arm64", "arm64")]
    [DataRow("android-arm64", "arm64")]
    [DataRow("ios-arm64", "arm64")]
    [DataRow("iossimulator-arm64", "arm64")]
    [DataRow("maccatalyst-arm64", "arm64")]
    [DataRow("tvos-arm64", "arm64")]
    [DataRow("android-x64", "x64")]
    [DataRow("linux-arm", "arm")]
    [DataRow("android-arm", "arm")]
    [DataRow("browser-wasm", "wasm")]
    [DataRow("any", "cpu")]
    [DataRow("linux-riscv64", "cpu")]
    [DataRow("linux", "cpu")]
    [DataRow("never-heard-of", "cpu")]
    public void A_runtime_identifier_has_the_profile_of_its_processor(string runtimeIdentifier, string profile) =>
        CollectionAssert.AreEqual(new[] { profile }, Names(new BuildTarget(runtimeIdentifier, [], IsApplication: true, Host)));

    [TestMethod]
    public void Of_a_processor_without_a_profile_the_build_host_tells_no_speed()
    {
        var variant = Assert.ContainsSingle(Choose(new BuildTarget("linux-riscv64", [], IsApplication: true, Host)));

        Assert.IsFalse(variant.Profile.Device.CanBeTimedOn("x64"));
        Assert.IsTrue(variant.Profile.Device.CanBeTimedOn("riscv64"));
    }

    [TestMethod]
    public void A_plain_build_of_an_application_is_for_the_SDKs_own_processor() =>
        CollectionAssert.AreEqual(new[] { "arm64" }, Names(new BuildTarget("", [], IsApplication: true, "osx-arm64")));

    [TestMethod]
    public void A_framework_that_cannot_ask_for_VNNI_gets_no_variant_for_it() =>
        CollectionAssert.AreEqual(new[] { "x64", "arm64", "arm" }, Names(new BuildTarget("", [], IsApplication: false, Host) { TellsVnni = false }));

    [TestMethod]
    public void A_library_embeds_each_different_variant_once()
    {
        var variants = Choose(new BuildTarget("", [], IsApplication: false, Host));

        CollectionAssert.AreEqual(new[] { "x64", "arm64", "arm", "x64-vnni" }, Names(variants));
        CollectionAssert.AreEquivalent(new[] { "x64", "x86" }, variants[0].Processors.ToArray());
        CollectionAssert.AreEquivalent(new[] { "arm64" }, variants[1].Processors.ToArray());
        CollectionAssert.AreEquivalent(new[] { "arm", "armv6", "wasm" }, variants[2].Processors.ToArray());
        CollectionAssert.AreEquivalent(new[] { "x64+vnni" }, variants[3].Processors.ToArray());
    }

    [TestMethod]
    public void A_library_that_is_built_for_one_processor_embeds_its_variant_alone() =>
        CollectionAssert.AreEqual(new[] { "arm64" }, Names(new BuildTarget("linux-arm64", [], IsApplication: false, Host)));

    [TestMethod]
    public void RuntimeIdentifiers_embed_the_variants_of_all_of_them() =>
        CollectionAssert.AreEqual(new[] { "arm64", "x64", "x64-vnni" }, Names(new BuildTarget("", ["linux-arm64", "osx-arm64", "win-x64"], IsApplication: true, Host)));

    [TestMethod]
    public void RuntimeIdentifiers_of_one_kind_embed_one_variant() =>
        CollectionAssert.AreEqual(new[] { "arm64" }, Names(new BuildTarget("", ["linux-arm64", "osx-arm64"], IsApplication: true, Host)));

    [TestMethod]
    [DataRow(QuantizationMode.None)]
    [DataRow(QuantizationMode.Int8Weights)]
    [DataRow(QuantizationMode.Float16)]
    [DataRow(QuantizationMode.Int4Weights)]
    public void What_no_processor_changes_is_embedded_once(QuantizationMode mode) =>
        Assert.HasCount(1, new VariantChoice(ShippedProfiles.Read(), new BuildTarget("", [], IsApplication: false, Host), Graph()).Of(Quantized with { Quantize = mode }, "auto", []));

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Int16)]
    public void Without_data_for_activations_a_model_is_embedded_once(QuantizationMode mode) =>
        Assert.HasCount(1, new VariantChoice(ShippedProfiles.Read(), new BuildTarget("", [], IsApplication: false, Host), Graph()).Of(Quantized with { Quantize = mode, Calibration = [] }, "auto", []));

    [TestMethod]
    public void Int8_dynamic_needs_no_data_and_differs_by_the_pair_bound() =>
        CollectionAssert.Contains(
            new VariantChoice(ShippedProfiles.Read(), new BuildTarget("", [], IsApplication: false, Host), Graph()).Of(Quantized with { Quantize = QuantizationMode.Int8Dynamic, Calibration = [] }, "auto", []).Select(variant => variant.Profile.Device.Name).ToArray(),
            "x64-vnni");

    [TestMethod]
    public void Device_names_a_profile_whatever_the_project_is_built_for() =>
        CollectionAssert.AreEqual(new[] { "x64-vnni" }, Names(Choose(new BuildTarget("linux-arm64", [], IsApplication: false, Host), "X64-VNNI")));

    [TestMethod]
    public void An_unknown_device_is_told_with_those_that_exist()
    {
        var problems = new List<ItemProblem>();

        new VariantChoice(ShippedProfiles.Read(), new BuildTarget("", [], IsApplication: true, Host), Graph()).Of(Quantized, "cortex-m4", problems);

        var problem = Assert.ContainsSingle(problems);
        Assert.AreEqual(DiagnosticCodes.MetadataValueUnknown, problem.Code);
        Assert.Contains("x64-vnni, arm64", problem.Message);
    }

    [TestMethod]
    public void A_profile_of_the_project_is_nearer_than_the_packages() =>
        CollectionAssert.AreEqual(
            new[] { "linux-arm64" },
            Names(Choose(new BuildTarget("linux-musl-arm64", [], IsApplication: true, Host), "auto", ShippedProfiles.Item("linux-arm64", ("Activations", "uint8")))));

    [TestMethod]
    public void A_profile_of_the_project_replaces_one_of_its_name()
    {
        var variants = Choose(new BuildTarget("linux-arm64", [], IsApplication: true, Host), "auto", ShippedProfiles.Item("arm64", ("RuntimeIdentifiers", "unix-arm64;linux-arm64"), ("Activations", "uint8")));

        Assert.AreEqual("arm64", variants[0].Profile.Device.Name);
        Assert.AreEqual(Compression.Devices.NumericFormat.UInt8, variants[0].Profile.Device.Activations);
    }

    [TestMethod]
    public void Without_a_profile_for_an_identifier_the_error_names_it()
    {
        var choice = new VariantChoice([.. ShippedProfiles.Read().Where(profile => profile.Device.Name == "arm64")], new BuildTarget("linux-x64", [], IsApplication: true, Host), Graph());

        var error = Assert.ThrowsExactly<CompressionException>(() => choice.Of(Quantized, "auto", []));

        Assert.AreEqual(DiagnosticCodes.NoDeviceProfile, error.Code);
        Assert.Contains("'linux-x64'", error.Message);
    }

    private static RuntimeIdentifierGraph Graph() => new(ShippedProfiles.GraphPath);

    private static IReadOnlyList<ModelVariant> Choose(BuildTarget target, string device = "auto", params ITaskItem[] added)
    {
        var problems = new List<ItemProblem>();
        var variants = new VariantChoice(ShippedProfiles.Read(added), target, Graph()).Of(Quantized, device, problems);
        Assert.IsEmpty(problems, string.Join('\n', problems));
        return variants;
    }

    private static string[] Names(BuildTarget target) => Names(Choose(target));

    private static string[] Names(IReadOnlyList<ModelVariant> variants) => [.. variants.Select(variant => variant.Profile.Device.Name)];
}
