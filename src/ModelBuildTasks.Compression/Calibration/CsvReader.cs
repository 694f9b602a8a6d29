using System.Text;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Reads the records of a comma-separated file (RFC 4180) one after another into memory for one record; lines with nothing on them do not count.</summary>
internal sealed class CsvReader(string path) : IDisposable
{
    // Far beyond any number or column name: without it a quote that is never closed would swallow the whole file.
    private const int LongestField = 4096;

    private readonly StreamReader reader = new(path, Encoding.UTF8);
    private readonly List<int> ends = [];
    private char[] characters = new char[LongestField];
    private int length;
    private bool hasQuotes;
    private int nextLine = 1;

    /// <summary>The line on which the record begins, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Fields of the record.</summary>
    public int FieldCount => ends.Count;

    /// <summary>A field of the record, without its quotes and surrounding white space; valid until the next record is read.</summary>
    public ReadOnlySpan<char> Field(int position)
    {
        var start = position == 0 ? 0 : ends[position - 1];
        return characters.AsSpan(start, ends[position] - start).Trim();
    }

    /// <summary>Goes to the next record; false at the end of the file.</summary>
    /// <exception cref="CompressionException">AIM1101: quotes are not where RFC 4180 wants them.</exception>
    public bool Read()
    {
        while (reader.Peek() >= 0)
        {
            length = 0;
            ends.Clear();
            hasQuotes = false;
            Line = nextLine;
            while (ReadField() == ',')
            {
                ends.Add(length);
            }

            ends.Add(length);
            if (ends.Count > 1 || hasQuotes || !Field(0).IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => reader.Dispose();

    // Returns what ended the field: a comma, or anything else for the end of the record.
    private int ReadField()
    {
        var start = length;
        var next = reader.Read();
        if (next == '"')
        {
            hasQuotes = true;
            return ReadQuotedField(start);
        }

        while (true)
        {
            switch (next)
            {
                case -1 or ',':
                    return next;
                case '\r' or '\n':
                    return EndLine(next);
                case '"':
                    throw Malformed("has a quote inside a field that does not begin with one. Quote the whole field and double the quotes in it");
                default:
                    Append((char)next, start);
                    break;
            }

            next = reader.Read();
        }
    }

    private int ReadQuotedField(int start)
    {
        while (true)
        {
            var next = reader.Read();
            if (next == '"')
            {
                next = reader.Read();
                switch (next)
                {
                    case -1 or ',':
                        return next;
                    case '\r' or '\n':
                        return EndLine(next);
                    case not '"':
                        throw Malformed("has text after a closing quote. Quote the whole field and double the quotes in it");
                }
            }
            else if (next < 0)
            {
                throw Malformed("has a quote that is never closed. Close it");
            }
            else if (next == '\n')
            {
                nextLine++;
            }

            Append((char)next, start);
        }
    }

    private int EndLine(int character)
    {
        if (character == '\r' && reader.Peek() == '\n')
        {
            reader.Read();
        }

        nextLine++;
        return '\n';
    }

    private void Append(char character, int start)
    {
        if (length - start == LongestField)
        {
            throw Malformed($"has a field of more than {LongestField} characters. Check its quotes, and that it is a comma-separated text file");
        }

        if (length == characters.Length)
        {
            Array.Resize(ref characters, characters.Length * 2);
        }

        characters[length++] = character;
    }

    private CompressionException Malformed(string what) => new(DiagnosticCodes.DataUnreadable, path, $"'{Path.GetFileName(path)}': the record in line {Line} {what}.");
}
