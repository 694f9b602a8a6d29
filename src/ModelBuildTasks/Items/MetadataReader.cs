using System.Globalization;
using Microsoft.Build.Framework;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Diagnostics;

namespace ModelBuildTasks.Items;

/// <summary>Reads the metadata of one item; what is wrong is added to the problems and the default taken.</summary>
/// <param name="item">The item.</param>
/// <param name="problems">Where problems go.</param>
/// <param name="type">What items of its kind are called.</param>
internal sealed class MetadataReader(ITaskItem item, List<ItemProblem> problems, string type = "AiModel")
{
    // A list in metadata is separated like a list of items; MSBuild escapes nothing here.
    private static readonly char[] ListSeparators = [';'];
    private static readonly char[] NumberSeparators = [';', ','];

    /// <summary>The value without surrounding white space; empty where not set.</summary>
    public string Text(string name) => item.GetMetadata(name).Trim();

    /// <summary>One of a few words, in any case; the first available one is the default.</summary>
    /// <param name="name">The metadata's name.</param>
    /// <param name="available">What this version does.</param>
    /// <param name="planned">What the contract has, but this version has not.</param>
    public string Choice(string name, string[] available, params string[] planned)
    {
        var text = Text(name);
        if (text.Length == 0)
        {
            return available[0];
        }

        if (Find(available, text) is { } value)
        {
            return value;
        }

        if (Find(planned, text) is { } plannedValue)
        {
            NotAvailable(name, plannedValue, $"use {string.Join(" or ", available)}");
        }
        else
        {
            Add(DiagnosticCodes.MetadataValueUnknown, name, $"is unknown. Allowed values: {string.Join(", ", available)}{(planned.Length == 0 ? "" : ", " + string.Join(", ", planned))}");
        }

        return available[0];
    }

    /// <summary>true or false; false where not set.</summary>
    public bool Flag(string name) => Choice(name, ["false", "true"]) == "true";

    /// <summary>A number, or null where not set.</summary>
    public double? Number(string name, double least, double greatest, string range)
    {
        var text = Text(name);
        if (text.Length == 0)
        {
            return null;
        }

        if (!TryNumber(text, out var number))
        {
            Add(DiagnosticCodes.MetadataValueUnknown, name, $"is not a number. Write {range}, with a point as the decimal separator");
            return null;
        }

        if (!(number >= least && number <= greatest))
        {
            Add(DiagnosticCodes.MetadataValueOutOfRange, name, $"is out of range. Write {range}");
            return null;
        }

        return number;
    }

    /// <summary>A whole number, or null where not set or <c>none</c>.</summary>
    public int? Count(string name, int least, int greatest, string range)
    {
        if (IsNone(name) || Number(name, least, greatest, range) is not { } number)
        {
            return null;
        }

        if (number == Math.Floor(number))
        {
            return (int)number;
        }

        Add(DiagnosticCodes.MetadataValueUnknown, name, $"is no whole number. Write {range}");
        return null;
    }

    /// <summary>Whether the word <c>none</c> is set.</summary>
    public bool IsNone(string name) => string.Equals(Text(name), "none", StringComparison.OrdinalIgnoreCase);

    /// <summary>Numbers separated by semicolons or commas, or null where not set.</summary>
    public float[]? Numbers(string name, bool positive)
    {
        var parts = Text(name).Split(NumberSeparators, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
        {
            return null;
        }

        var numbers = new float[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!TryNumber(parts[i], out var number))
            {
                Add(DiagnosticCodes.MetadataValueUnknown, name, "is not a list of numbers. Write one number for all channels or one per channel, separated by semicolons");
                return null;
            }

            numbers[i] = (float)number;
            if (!float.IsFinite(numbers[i]) || (positive && numbers[i] <= 0))
            {
                Add(DiagnosticCodes.MetadataValueOutOfRange, name, positive ? "is out of range. Every number must be above 0" : "is out of range. Every number must be finite");
                return null;
            }
        }

        return numbers;
    }

    /// <summary>Texts separated by semicolons.</summary>
    public string[] List(string name) => Text(name).Split(ListSeparators, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Says that a valid value belongs to a technique that this version has not.</summary>
    public void NotAvailable(string name, string value, string instead) =>
        problems.Add(new ItemProblem(DiagnosticCodes.TechniqueNotAvailable, null, $"{type} '{item.ItemSpec}': {name}=\"{value}\" is not available in this version of ModelBuildTasks; {instead}."));

    /// <summary>Says what is wrong with a value.</summary>
    public void Add(string code, string name, string problem) =>
        problems.Add(new ItemProblem(code, null, $"{type} '{item.ItemSpec}': {name}=\"{Text(name)}\" {problem}."));

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static string? Find(string[] values, string text)
    {
        foreach (var value in values)
        {
            if (string.Equals(value, text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }
}
