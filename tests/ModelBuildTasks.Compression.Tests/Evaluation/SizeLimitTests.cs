using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

[TestClass]
public sealed class SizeLimitTests
{
    [TestMethod]
    [DataRow("1000", 1000)]
    [DataRow("214KB", 214_000)]
    [DataRow("214 kb", 214_000)]
    [DataRow("1.5 MB", 1_500_000)]
    [DataRow(".5MB", 500_000)]
    [DataRow("2GB", 2_000_000_000)]
    [DataRow("512B", 512)]
    [DataRow("512 bytes", 512)]
    [DataRow(" 7 ", 7)]
    public void Bytes_and_decimal_units_do_not_depend_on_the_original(string text, long expected)
    {
        Assert.AreEqual(expected, SizeLimit.Parse(text).Bytes(originalBytes: 10));
        Assert.AreEqual(expected, SizeLimit.Parse(text).Bytes(originalBytes: long.MaxValue));
    }

    [TestMethod]
    [DataRow("30%", 1000, 300)]
    [DataRow("33.3 %", 1000, 333)]
    [DataRow("30%", 999, 299)]
    [DataRow("150%", 1000, 1500)]
    public void A_percentage_is_of_the_original_and_rounds_down(string text, long originalBytes, long expected)
        => Assert.AreEqual(expected, SizeLimit.Parse(text).Bytes(originalBytes));

    [TestMethod]
    [DataRow("")]
    [DataRow("%")]
    [DataRow("KB")]
    [DataRow("0")]
    [DataRow("-5KB")]
    [DataRow("1,5MB")]
    [DataRow("5 XB")]
    [DataRow("1e6")]
    [DataRow("small")]
    [DataRow("99999999999999999999999999999999999MB")]
    public void Other_text_is_refused(string text)
    {
        Assert.IsFalse(SizeLimit.TryParse(text, out _));
        var exception = Assert.ThrowsExactly<CompressionException>(() => SizeLimit.Parse(text));
        Assert.AreEqual(DiagnosticCodes.MetadataValueUnknown, exception.Code);
        Assert.Contains($"\"{text}\"", exception.Message);
    }

    [TestMethod]
    public void The_culture_of_the_machine_does_not_matter()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = "." } };
            Assert.AreEqual(1_500_000, SizeLimit.Parse("1.5MB").Bytes(1));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }
}
