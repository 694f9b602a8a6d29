using System.Globalization;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The dictionary literal in a NumPy header: exactly the keys descr, fortran_order and shape, in any order, then spaces and a line feed.</summary>
internal sealed class NpyDictionary(string text)
{
    private int position;

    /// <exception cref="FormatException">It is not this dictionary.</exception>
    public (string Description, bool IsFortranOrder, long[] Shape) Parse()
    {
        string? description = null;
        bool? isFortranOrder = null;
        long[]? shape = null;
        Expect('{');
        while (!Accept('}'))
        {
            var key = Text();
            Expect(':');
            switch (key)
            {
                case "descr" when description is null:
                    description = Description();
                    break;
                case "fortran_order" when isFortranOrder is null:
                    isFortranOrder = Boolean();
                    break;
                case "shape" when shape is null:
                    shape = Tuple();
                    break;
                default:
                    throw Malformed($"the key '{key}'");
            }

            if (!Accept(','))
            {
                Expect('}');
                break;
            }
        }

        SkipSpaces();
        if (position < text.Length)
        {
            throw Malformed("text after the dictionary");
        }

        return (description ?? throw Malformed("no 'descr'"), isFortranOrder ?? throw Malformed("no 'fortran_order'"), shape ?? throw Malformed("no 'shape'"));
    }

    // A list describes a record; it is kept as text, and refused as an element type by its name.
    private string Description()
    {
        SkipSpaces();
        if (position >= text.Length || text[position] != '[')
        {
            return Text();
        }

        var start = position;
        var depth = 0;
        for (; position < text.Length; position++)
        {
            depth += text[position] switch { '[' => 1, ']' => -1, _ => 0 };
            if (depth == 0)
            {
                position++;
                return text[start..position];
            }
        }

        throw Malformed("a list without end");
    }

    private string Text()
    {
        SkipSpaces();
        if (position >= text.Length || text[position] is not ('\'' or '"'))
        {
            throw Malformed("no quoted text where one belongs");
        }

        var end = text.IndexOf(text[position], position + 1);
        if (end < 0)
        {
            throw Malformed("a quoted text without end");
        }

        var value = text[(position + 1)..end];
        position = end + 1;
        return value;
    }

    private bool Boolean()
    {
        SkipSpaces();
        foreach (var value in (ReadOnlySpan<bool>)[true, false])
        {
            var word = value ? "True" : "False";
            if (string.CompareOrdinal(text, position, word, 0, word.Length) == 0)
            {
                position += word.Length;
                return value;
            }
        }

        throw Malformed("no True or False where one belongs");
    }

    private long[] Tuple()
    {
        var dimensions = new List<long>();
        Expect('(');
        while (!Accept(')'))
        {
            dimensions.Add(Number());
            if (!Accept(','))
            {
                // (5) is a number in parentheses, (5,) is a tuple of one.
                Expect(dimensions.Count == 1 ? ',' : ')');
                break;
            }
        }

        return [.. dimensions];
    }

    private long Number()
    {
        SkipSpaces();
        var start = position;
        while (position < text.Length && char.IsAsciiDigit(text[position]))
        {
            position++;
        }

        return long.TryParse(text.AsSpan(start, position - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Malformed("no number where a dimension belongs");
    }

    private bool Accept(char expected)
    {
        SkipSpaces();
        if (position >= text.Length || text[position] != expected)
        {
            return false;
        }

        position++;
        return true;
    }

    private void Expect(char expected)
    {
        if (!Accept(expected))
        {
            throw Malformed($"no '{expected}' where one belongs");
        }
    }

    private void SkipSpaces()
    {
        while (position < text.Length && text[position] is ' ' or '\n' or '\t')
        {
            position++;
        }
    }

    private static FormatException Malformed(string what) => new($"its NumPy header has {what}");
}
