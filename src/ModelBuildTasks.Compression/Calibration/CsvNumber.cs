using System.Globalization;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Numbers in text, always with a decimal point: the culture of the machine plays no part.</summary>
internal static class CsvNumber
{
    /// <summary>Any number; also the ways in which programs write NaN and infinities.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out double value)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        value = double.PositiveInfinity;
        return text.TrimStart("+-").Equals("inf", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A whole number, or true or false.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long value)
    {
        if (bool.TryParse(text, out var boolean))
        {
            value = boolean ? 1 : 0;
            return true;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A whole number beyond those of 63 bits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ulong value) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    public static bool IsNumber(ReadOnlySpan<char> text) => TryParse(text, out double _) || TryParse(text, out long _);
}
