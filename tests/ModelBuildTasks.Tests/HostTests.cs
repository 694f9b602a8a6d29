using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests;

/// <summary>A machine that cannot compress is told so in one error.</summary>
[TestClass]
public sealed class HostTests
{
    private static GoodThenBad project = null!;

    [ClassInitialize]
    public static void Build(TestContext context) => project = new GoodThenBad();

    [TestMethod]
    public void An_SDK_older_than_10() => project.ShouldFail(DiagnosticCodes.SdkTooOld, "App.csproj", (_, _) => { }, "-p:NETCoreSdkVersion=9.0.305");

    [TestMethod]
    public void An_MSBuild_older_than_18() => project.ShouldFail(DiagnosticCodes.SdkTooOld, "App.csproj", (_, _) => { }, "-p:_AiModelMSBuildVersion=17.14.8");

    [TestMethod]
    public void A_host_without_natives_in_the_package() => project.ShouldFail(DiagnosticCodes.HostNotSupported, "App.csproj", (_, item) => item["KeepFloat"] = "any", "-p:_AiModelHostRuntimeIdentifier=linux-musl-x64");

    [TestMethod]
    public void A_host_without_natives_may_embed_the_original()
    {
        var project = TestProject.WithClassifier();

        project.Build("-p:_AiModelHostRuntimeIdentifier=linux-musl-x64", "-p:AiModelCompressionEnabled=false").ShouldSucceed();
    }
}
