using System.Globalization;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The dictionary literal in a NumPy header: exactly the keys descr, fortran_order and shape, in any order, then spaces and a line feed.</summary>
internal sealed class NpyDictionary(string text)
{
    private int _position;

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
        if (_position < text.Length)
        {
            throw Malformed("text after the dictionary");
        }

        return (description ?? throw Malformed("no 'descr'"), isFortranOrder ?? throw Malformed("no 'fortran_order'"), shape ?? throw Malformed("no 'shape'"));
    }

    // A list describes a record; it is kept as text, and refused as an element type by its name.
    private string Description()
    {
        SkipSpaces();
        if (_position >= text.Length || text[_position] != '[')
        {
            return Text();
        }

        var start = _position;
        var depth = 0;
        for (; _position < text.Length; _position++)
        {
            depth += text[_position] switch { '[' => 1, ']' => -1, _ => 0 };
            if (depth == 0)
            {
                _position++;
                return text[start.._position];
            }
        }

        throw Malformed("a list without end");
    }

    private string Text()
    {
        SkipSpaces();
        if (_position >= text.Length || text[_position] is not ('\'' or '"'))
        {
            throw Malformed("no quoted text where one belongs");
        }

        var end = text.IndexOf(text[_position], _position + 1);
        if (end < 0)
        {
            throw Malformed("a quoted text without end");
        }

        var value = text[(_position + 1)..end];
        _position = end + 1;
        return value;
    }

    private bool Boolean()
    {
        SkipSpaces();
        foreach (var value in (ReadOnlySpan<bool>)[true, false])
        {
            var word = value ? "True" : "False";
            if (string.CompareOrdinal(text, _position, word, 0, word.Length) == 0)
            {
                _position += word.Length;
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
        var start = _position;
        while (_position < text.Length && char.IsAsciiDigit(text[_position]))
        {
            _position++;
        }

        return long.TryParse(text.AsSpan(start, _position - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Malformed("no number where a dimension belongs");
    }

    private bool Accept(char expected)
    {
        SkipSpaces();
        if (_position >= text.Length || text[_position] != expected)
        {
            return false;
        }

        _position++;
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
        while (_position < text.Length && text[_position] is ' ' or '\n' or '\t')
        {
            _position++;
        }
    }

    private static FormatException Malformed(string what) => new($"its NumPy header has {what}");
}
