using System.Globalization;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The element type of a NumPy array.</summary>
/// <param name="Kind">b (boolean), i (signed), u (unsigned), f (floating point), U (text in UTF-32) or S (bytes, which are text in UTF-8).</param>
/// <param name="Size">Bytes of one element.</param>
/// <param name="IsBigEndian">Whether the most significant byte comes first.</param>
internal readonly record struct NpyElement(char Kind, int Size, bool IsBigEndian)
{
    /// <summary>Whether the elements are whole numbers (booleans are none).</summary>
    public bool IsInteger => Kind is 'i' or 'u';

    /// <summary>Whether the elements are texts of a fixed greatest length, which labels may be and inputs not.</summary>
    public bool IsText => Kind is 'U' or 'S';

    /// <summary>Reads a type as NumPy writes it: byte order, kind, size (&lt;f4, |u1, &gt;i8); of text the characters (&lt;U20) or the bytes (|S20).</summary>
    /// <returns>False for types that are neither plain numbers nor text: complex, time, objects, records.</returns>
    public static bool TryParse(string description, out NpyElement element)
    {
        element = default;
        if (description.Length < 3 || !int.TryParse(description.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            return false;
        }

        var (order, kind) = (description[0], description[1]);
        if (kind is 'U' or 'S')
        {
            element = new NpyElement(kind, kind == 'U' ? size * sizeof(int) : size, order == '>');
            return size is > 0 and < 1 << 20 && (kind == 'U' ? order is '<' or '>' or '=' : order is '|' or '=');
        }

        var isNumber = kind switch
        {
            'b' => size == 1,
            'i' or 'u' => size is 1 or 2 or 4 or 8,
            'f' => size is 2 or 4 or 8,
            _ => false,
        };
        var isOrder = order is '<' or '>' or '=' || (order == '|' && size == 1);
        element = new NpyElement(kind, size, order == '>');
        return isNumber && isOrder;
    }

    public override string ToString() => Kind switch
    {
        'b' => "bool",
        'i' => $"int{Size * 8}",
        'u' => $"uint{Size * 8}",
        'U' => $"{(IsBigEndian ? '>' : '<')}U{Size / sizeof(int)}",
        'S' => $"|S{Size}",
        _ => $"float{Size * 8}",
    };
}
