using System.Text;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Devices;

[TestClass]
public sealed class CostTableFileTests : IDisposable
{
    private const string Valid = """
        {
          "format": 1,
          "measuredOn": "x64",
          "runtime": "1.31.1",
          "date": "2026-01-31",
          "borders": { "start": 240, "quantize": 130, "dequantize": 110, "layoutToBytes": 131, "layoutToFloat": 219.5 },
          "layers": [
            { "operator": "Conv", "dimensions": 2, "kernel": 9, "groups": 1, "inputs": 16, "outputs": 32, "float": 17.4, "int8": 6.92 },
            { "operator": "Gemm", "dimensions": 0, "kernel": 1, "groups": 1, "inputs": 64, "outputs": 64, "float": 20, "int8": 7 }
          ],
          "elements": [
            { "operator": "Add", "float": 140, "int8": 149 }
          ]
        }

        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void What_was_read_is_written_as_it_was()
    {
        var path = Write(Valid);

        var file = CostTableFile.Load(path);
        file.Save(folder.File("again.json"));

        Assert.AreEqual(Valid.ReplaceLineEndings("\n"), File.ReadAllText(folder.File("again.json")));
        Assert.AreEqual(new CostTableOrigin("x64", null, "1.31.1", "2026-01-31"), file.Origin);
        Assert.AreEqual(new BorderCosts(240, 130, 110, 131, 219.5), file.Borders);
        Assert.AreEqual(new LayerCost(new LayerClass("Conv", 2, 9, 1, 16, 32), 17.4, 6.92), file.Layers[0]);
        Assert.AreEqual(new ElementCost("Add", 140, 149), file.Elements.Single());
    }

    [TestMethod]
    public void A_table_that_takes_its_numbers_over_has_those_of_the_file_beside_it()
    {
        var source = Write(Valid, "source.json");
        var path = Write("""{ "format": 1, "measuredOn": null, "takenOverFrom": "source.json" }""");

        Assert.AreEqual(CostTable.Load(source), CostTable.Load(path));
        Assert.IsNull(CostTableFile.Load(path).Origin.MeasuredOn);
    }

    [TestMethod]
    public void A_table_that_takes_its_numbers_over_is_written_without_any()
    {
        const string Text = "{\n  \"format\": 1,\n  \"measuredOn\": null,\n  \"takenOverFrom\": \"source.json\"\n}\n";
        Write(Valid, "source.json");

        CostTableFile.Load(Write(Text)).Save(folder.File("again.json"));

        Assert.AreEqual(Text, File.ReadAllText(folder.File("again.json")));
    }

    [TestMethod]
    public void A_byte_order_mark_does_no_harm() => Assert.AreEqual(CostTable.Load(Write(Valid)), CostTable.Load(Write("\uFEFF" + Valid, "marked.json")));

    [TestMethod]
    [DataRow("\"format\": 1", "\"format\": 2", "line 2: 'format' is not 1")]
    [DataRow("\"format\": 1,", "", "'format' is missing")]
    [DataRow("\"measuredOn\": \"x64\",", "", "'measuredOn' is missing")]
    [DataRow("\"measuredOn\": \"x64\"", "\"measuredOn\": null", "'takenOverFrom' names no other file")]
    [DataRow("\"measuredOn\": \"x64\"", "\"measuredOn\": 64", "line 3: 'measuredOn' is no text")]
    [DataRow("\"runtime\": \"1.31.1\"", "\"runtime\": \"1.31.1\", \"runtime\": \"1\"", "line 4: 'runtime' is there twice")]
    [DataRow("\"runtime\": \"1.31.1\"", "\"takenOverFrom\": \"other.json\"", "'measuredOn' null")]
    [DataRow("\"runtime\": \"1.31.1\"", "\"takenOverFrom\": \"../other.json\"", "line 4: 'takenOverFrom' is not the name of a file")]
    [DataRow("\"runtime\": \"1.31.1\",", "", "'runtime' is missing")]
    [DataRow("\"runtime\"", "\"Runtime\"", "line 4: 'Runtime' is not known")]
    [DataRow("2026-01-31", "31.1.2026", "line 5: 'date' is no day")]
    [DataRow("\"start\": 240, ", "", "line 6: 'start' is missing")]
    [DataRow("\"start\": 240", "\"start\": -1", "line 6: 'start' is negative or too large")]
    [DataRow("\"start\": 240", "\"start\": 1e999", "line 6: 'start' is negative or too large")]
    [DataRow("\"start\": 240", "\"start\": \"240\"", "line 6: 'start' is no number")]
    [DataRow("\"operator\": \"Conv\"", "\"operator\": \"Foo\"", "line 8: 'Foo' is no layer with costs")]
    [DataRow("\"operator\": \"Conv\"", "\"operator\": 1", "line 8: 'operator' is no text")]
    [DataRow("\"dimensions\": 2", "\"dimensions\": 4", "line 8: 'dimensions' is no whole number from 1 to 3")]
    [DataRow("\"kernel\": 9", "\"kernel\": 0", "line 8: 'kernel' is no whole number from 1")]
    [DataRow("\"inputs\": 16", "\"inputs\": 16.5", "line 8: 'inputs' is no whole number from 1")]
    [DataRow("\"inputs\": 16", "\"inputs\": 16, \"inputs\": 16", "line 8: 'inputs' is there twice")]
    [DataRow("\"int8\": 7 ", "\"int9\": 7 ", "line 9: 'int9' is not known")]
    [DataRow(", \"int8\": 7 ", " ", "line 9: 'int8' is missing")]
    [DataRow("{ \"operator\": \"Gemm\", \"dimensions\": 0, \"kernel\": 1, \"groups\": 1, \"inputs\": 64, \"outputs\": 64,", "{ \"operator\": \"Conv\", \"dimensions\": 2, \"kernel\": 9, \"groups\": 1, \"inputs\": 16, \"outputs\": 32,", "line 9: an earlier line has the same")]
    [DataRow("{ \"operator\": \"Add\", \"float\": 140, \"int8\": 149 }", "140", "line 12: it is no object")]
    [DataRow("\"elements\": [", "\"elements\": 1, \"more\": [", "line 11: it is no list")]
    [DataRow("149 }", "149 },", "line 13 is no JSON")]
    [DataRow("\"int8\": 149 }\n  ]\n}", "\"int8\": 149 }\n  ]\n", "is no JSON")]
    [DataRow("\n}\n", "\n}\n}\n", "is no JSON")]
    [DataRow("{\n  \"format\"", "[{\n  \"format\"", "line 1: the file is no object")]
    public void A_damaged_table_is_refused_with_the_line(string from, string to, string expected)
    {
        var text = Valid.ReplaceLineEndings("\n");
        Assert.Contains(from, text);

        var error = Expect.Error(DiagnosticCodes.CostTableInvalid, () => CostTable.Load(Write(text.Replace(from, to, StringComparison.Ordinal))));

        Assert.Contains(expected, error.Message);
        Assert.Contains("--costs", error.Message);
    }

    [TestMethod]
    public void An_empty_file_is_refused() => Expect.Error(DiagnosticCodes.CostTableInvalid, () => CostTable.Load(Write("")));

    [TestMethod]
    public void A_missing_file_is_refused() => Expect.Error(DiagnosticCodes.CostTableInvalid, () => CostTable.Load(folder.File("none.json")));

    [TestMethod]
    public void A_missing_source_is_refused_by_its_name()
    {
        var path = Write("""{ "format": 1, "measuredOn": null, "takenOverFrom": "source.json" }""");

        Assert.Contains("source.json", Expect.Error(DiagnosticCodes.CostTableInvalid, () => CostTable.Load(path)).Message);
    }

    [TestMethod]
    public void Tables_do_not_take_over_from_each_other()
    {
        Write("""{ "format": 1, "measuredOn": null, "takenOverFrom": "b.json" }""", "a.json");
        Write("""{ "format": 1, "measuredOn": null, "takenOverFrom": "a.json" }""", "b.json");

        Assert.Contains("none of its own", Expect.Error(DiagnosticCodes.CostTableInvalid, () => CostTable.Load(folder.File("a.json"))).Message);
    }

    [TestMethod]
    public void A_profile_with_the_same_numbers_from_elsewhere_is_the_same_to_every_key()
    {
        var profile = Profile(Write(Valid));

        Assert.AreEqual(profile.Identity, Profile(Write(Valid, "moved/renamed.json")).Identity);
        Assert.AreEqual(profile.Identity, Profile(Write(Valid.Replace("2026-01-31", "2026-02-01", StringComparison.Ordinal), "later.json")).Identity);
        Assert.AreEqual(profile, Profile(Write(Valid, "again.json")));
    }

    [TestMethod]
    [DataRow("240", "241")]
    [DataRow("17.4", "17.5")]
    [DataRow("149", "150")]
    [DataRow("\"outputs\": 32", "\"outputs\": 33")]
    public void A_profile_with_another_number_is_another_one_to_every_key(string from, string to) =>
        Assert.AreNotEqual(Profile(Write(Valid)).Identity, Profile(Write(Valid.Replace(from, to, StringComparison.Ordinal), "other.json")).Identity);

    private static DeviceProfile Profile(string costs) => new() { Name = "device", Costs = CostTable.Load(costs) };

    private string Write(string text, string name = "costs.json") => folder.Write(name, Encoding.UTF8.GetBytes(text));
}
