using System.Text.Json;

namespace ModelBuildTasks.Compression.Devices;

/// <summary>One object of a cost table: texts and numbers by name, and the line it begins on.</summary>
internal sealed class CostTableRow
{
    private readonly Dictionary<string, string> texts = [];
    private readonly Dictionary<string, double> numbers = [];

    private CostTableRow(int line) => Line = line;

    public int Line { get; }

    /// <summary>Reads the object that the reader stands before, with exactly these properties.</summary>
    /// <exception cref="FormatException">It is another one.</exception>
    public static CostTableRow Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> content, string[] texts, string[] numbers)
    {
        var row = new CostTableRow(CostTableReader.Line(ref reader, content));
        CostTableReader.Require(reader.TokenType == JsonTokenType.StartObject, row.Line, "it is no object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var line = CostTableReader.Line(ref reader, content);
            reader.Read();
            if (texts.Contains(name))
            {
                CostTableReader.Require(reader.TokenType == JsonTokenType.String, line, $"'{name}' is no text");
                CostTableReader.Require(row.texts.TryAdd(name, reader.GetString()!), line, $"'{name}' is there twice");
            }
            else
            {
                CostTableReader.Require(numbers.Contains(name), line, $"'{name}' is not known");
                CostTableReader.Require(reader.TokenType == JsonTokenType.Number, line, $"'{name}' is no number");
                CostTableReader.Require(row.numbers.TryAdd(name, reader.GetDouble()), line, $"'{name}' is there twice");
            }
        }

        var missing = texts.Except(row.texts.Keys).Concat(numbers.Except(row.numbers.Keys)).FirstOrDefault();
        CostTableReader.Require(missing is null, row.Line, $"'{missing}' is missing");
        return row;
    }

    public string Text(string name) => texts[name];

    /// <summary>A time in nanoseconds.</summary>
    public double Cost(string name)
    {
        CostTableReader.Require(double.IsFinite(numbers[name]) && numbers[name] >= 0, Line, $"'{name}' is negative or too large");
        return numbers[name];
    }

    /// <summary>A whole number.</summary>
    public long Count(string name, long least, long most = int.MaxValue)
    {
        CostTableReader.Require(numbers[name] >= least && numbers[name] <= most && double.IsInteger(numbers[name]), Line, $"'{name}' is no whole number from {least}{(most == int.MaxValue ? "" : $" to {most}")}");
        return (long)numbers[name];
    }
}
