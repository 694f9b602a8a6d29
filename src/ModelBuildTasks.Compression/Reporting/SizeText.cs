using System.Globalization;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>Sizes for people, in decimal units (1 KB is 1000 bytes) and three significant digits; MaxSize is read in the same units.</summary>
internal static class SizeText
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>"512 B", "21.4 KB", "214 KB", "1.66 MB".</summary>
    public static string Format(long bytes)
    {
        if (bytes < 1000)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
        }

        var amount = (decimal)bytes;
        var unit = 0;
        // 999.5 would print as 1000 of the smaller unit.
        while (amount >= 999.5m && unit < Units.Length - 1)
        {
            amount /= 1000;
            unit++;
        }

        var format = amount < 9.995m ? "0.00" : amount < 99.95m ? "0.0" : "0";
        return $"{amount.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
