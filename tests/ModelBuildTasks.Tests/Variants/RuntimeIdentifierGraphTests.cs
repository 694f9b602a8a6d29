using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Devices;
using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests.Variants;

/// <summary>What a runtime identifier descends from.</summary>
[TestClass]
public sealed class RuntimeIdentifierGraphTests
{
    [TestMethod]
    public void Nearer_identifiers_come_first() => CollectionAssert.AreEqual(
        new[] { "linux-musl-arm64", "linux-musl", "linux-arm64", "linux", "unix-arm64", "unix", "any", "base" },
        new RuntimeIdentifierGraph(ShippedProfiles.GraphPath).Expand("linux-musl-arm64").ToArray());

    [TestMethod]
    public void An_unknown_identifier_is_any() => CollectionAssert.AreEqual(new[] { "amiga-68k", "any" }, new RuntimeIdentifierGraph(ShippedProfiles.GraphPath).Expand("amiga-68k").ToArray());

    [TestMethod]
    public void The_identifier_itself_needs_no_graph() => Assert.AreEqual("linux-x64", new RuntimeIdentifierGraph("is not there").Expand("linux-x64").First());

    [TestMethod]
    [DataRow("")]
    [DataRow("no json")]
    [DataRow("{}")]
    [DataRow("[1]")]
    [DataRow("{\"runtimes\": [1]}")]
    public void A_damaged_graph_is_a_coded_error(string content)
    {
        var path = Path.Combine(SuiteRun.NewFolder(), "graph.json");
        File.WriteAllText(path, content);

        var error = Assert.ThrowsExactly<CompressionException>(() => new RuntimeIdentifierGraph(path).Expand("linux-x64").Count());

        Assert.AreEqual(DiagnosticCodes.RuntimeIdentifierGraphUnreadable, error.Code);
    }
}
