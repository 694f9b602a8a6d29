using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Evaluation.Texts;

[TestClass]
public sealed class CtcDecodingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow("", "")]
    [DataRow("----", "")]
    [DataRow("abc", "abc")]
    [DataRow("aabbbc", "abc")]
    [DataRow("aa-ab-", "aab")]
    [DataRow("-a--a-", "aa")]
    [DataRow("a-b-a", "aba")]
    [DataRow("ab_c", "ab c")]
    [DataRow("__a", " a")]
    public void Repeats_are_one_and_blanks_are_nothing(string path, string text) => Assert.AreEqual(text, CtcDecoding.Read(TextPaths.Scores(path), TextPaths.Classes, TextPaths.Keys(folder)));

    [TestMethod]
    public void Logits_are_read_as_probabilities_are()
    {
        float[] logits = [-9, -3, -4, -5, -6, -1, -2, -7, -8, -9, -9, -4, -4, -3.5f, -5];

        Assert.AreEqual("ac", CtcDecoding.Read(logits, TextPaths.Classes, TextPaths.Keys(folder)));
    }

    [TestMethod]
    public void The_lower_of_equal_classes_is_read_and_not_a_number_is_a_blank()
    {
        float[] scores = [0, 1, 1, 0, 0, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, 0, 1, float.NaN, 0, 0];

        Assert.AreEqual("aa", CtcDecoding.Read(scores, TextPaths.Classes, TextPaths.Keys(folder)));
    }

    [TestMethod]
    public void A_key_may_be_several_characters()
    {
        var keys = TextPaths.Keys(folder, "ch\nb\r\n\u3000");

        Assert.AreEqual("chb\u3000 ", CtcDecoding.Read(TextPaths.Scores("abc_"), TextPaths.Classes, keys));
    }

    [TestMethod]
    public void The_keys_fit_with_the_blank_and_with_the_space_or_without()
    {
        var keys = TextPaths.Keys(folder);

        Assert.AreEqual("4 5", string.Join(' ', Enumerable.Range(0, 10).Where(classes => keys.Fit(classes))));
    }

    [TestMethod]
    [DataRow("", "no line")]
    [DataRow("a\n\nb\n", "line 2")]
    public void A_file_without_keys_is_refused(string content, string part)
    {
        var path = folder.Write("bad.txt", System.Text.Encoding.UTF8.GetBytes(content));

        Samples.Refused(DiagnosticCodes.KeysInvalid, path, part, () => TextKeys.Load(path));
    }

    [TestMethod]
    public void A_file_that_is_not_UTF_8_is_refused()
    {
        var path = folder.Write("bad.txt", [(byte)'a', (byte)'\n', 0xB0, 0xA1]);

        Samples.Refused(DiagnosticCodes.KeysInvalid, path, "UTF-8", () => TextKeys.Load(path));
    }

    [TestMethod]
    public void A_missing_file_is_refused() => Samples.Refused(DiagnosticCodes.KeysInvalid, folder.File("none.txt"), "cannot be read", () => TextKeys.Load(folder.File("none.txt")));
}
