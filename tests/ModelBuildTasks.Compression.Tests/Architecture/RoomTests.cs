using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;

namespace ModelBuildTasks.Compression.Tests.Architecture;

[TestClass]
public sealed class RoomTests
{
    private const string Library = "ModelBuildTasks.Compression";

    // Lowest first. A room may use the rooms of lower tiers, and none of its own tier: passes do not know each other.
    private static readonly string[][] Tiers =
    [
        ["Diagnostics", "Kernels"],
        ["Packaging"],
        ["Onnx"],
        ["Execution"],
        ["Calibration"],
        ["Reporting"],
        ["Devices"],
        ["Passes"],
        ["Simplification", "Quantization", "Training", "Evaluation"],
        ["SecondOrder"],
        ["Pruning", "WeightSharing"],
        ["Search"],
        [""],
    ];

    private static readonly ArchUnitNET.Domain.Architecture Loaded = new ArchLoader().LoadAssembly(typeof(ModelCompressor).Assembly).Build();

    private static IEnumerable<IType> Types => Loaded.Types.Where(IsOurs);

    [TestMethod]
    public void Every_folder_is_a_room_with_its_place_in_the_order()
        => AssertNone(Types.Select(Room).Distinct().Where(room => Tier(room) < 0));

    [TestMethod]
    public void Rooms_depend_downwards_only() => AssertNone(
        from type in Types
        from target in type.GetTypeDependencies(Loaded).Where(IsOurs).Distinct()
        where Room(type) != Room(target) && Tier(Room(type)) <= Tier(Room(target))
        select $"{type.FullName} uses {target.FullName}");

    [TestMethod]
    public void Kernels_know_nothing_else_of_ours() => AssertNone(
        from type in Types
        where Room(type) == "Kernels"
        from target in type.GetTypeDependencies(Loaded).Where(IsOurs).Distinct()
        where Room(target) != "Kernels"
        select $"{type.FullName} uses {target.FullName}");

    [TestMethod]
    public void Folders_form_no_circle()
    {
        var rule = SliceRuleDefinition.Slices().Matching($"{Library}.(*)").Should().BeFreeOfCycles();

        AssertNone(rule.Evaluate(Loaded).Where(result => !result.Passed).Select(result => result.Description));
    }

    [TestMethod]
    public void The_loaded_dependencies_are_the_real_ones()
    {
        // Guards the tests above against a loader that sees nothing.
        var judge = Types.Single(type => type.Name == "GateJudge");
        var dependencies = judge.GetTypeDependencies(Loaded).Select(type => type.Name).ToArray();

        Assert.AreEqual("Evaluation", Room(judge));
        CollectionAssert.Contains(dependencies, "CompressionReport");
        CollectionAssert.Contains(dependencies, "SizeLimit");
    }

    private static bool IsOurs(IType type) => type.Namespace.FullName == Library || type.Namespace.FullName.StartsWith(Library + ".", StringComparison.Ordinal);

    private static string Room(IType type) => type.Namespace.FullName.Length == Library.Length ? "" : type.Namespace.FullName[(Library.Length + 1)..].Split('.')[0];

    private static int Tier(string room) => Array.FindIndex(Tiers, tier => tier.Contains(room));

    private static void AssertNone(IEnumerable<string> violations) => Assert.AreEqual("", string.Join('\n', violations.Order(StringComparer.Ordinal)));
}
