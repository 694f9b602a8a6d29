using System.Text;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Walks over the fields of the messages in a file, without parsing what it does not look at.</summary>
internal sealed class WireReader(FileWindow window)
{
    private const int LongestVarint = 10;

    /// <summary>Steps over the next field of a message.</summary>
    /// <param name="position">Where the field begins; afterwards where the next one does.</param>
    /// <param name="end">Where the message ends.</param>
    /// <param name="field">The field.</param>
    /// <returns>False at the end of the message.</returns>
    /// <exception cref="InvalidDataException">What follows is no whole field.</exception>
    public bool Next(ref long position, long end, out WireField field)
    {
        if (position == end)
        {
            field = default;
            return false;
        }

        var content = position;
        var tag = Varint(ref content, end);
        var (number, type) = (tag >> 3, (WireType)(tag & 7));
        if (number is 0 or > int.MaxValue >> 2)
        {
            throw new InvalidDataException($"a field at byte {position} has the number {number}");
        }

        var length = 0L;
        switch (type)
        {
            case WireType.Varint:
                var after = content;
                Varint(ref after, end);
                length = after - content;
                break;
            case WireType.Fixed64:
                length = sizeof(ulong);
                break;
            case WireType.LengthDelimited:
                // A length beyond 63 bits turns into one that cannot fit either.
                length = (long)Math.Min(Varint(ref content, end), long.MaxValue);
                break;
            case WireType.Fixed32:
                length = sizeof(uint);
                break;
            default:
                throw new InvalidDataException($"a field at byte {position} has an unknown encoding");
        }

        if (length > end - content)
        {
            throw new InvalidDataException($"a field at byte {position} ends beyond what holds it: the file is truncated or damaged");
        }

        field = new WireField((int)number, type, position, content, content + length);
        position = field.End;
        return true;
    }

    /// <summary>The value of a varint field.</summary>
    public ulong Varint(WireField field)
    {
        var position = field.Content;
        return Varint(ref position, field.End);
    }

    /// <summary>The value of a string field.</summary>
    public string Text(WireField field)
    {
        if (field.Length <= FileWindow.Size)
        {
            return Encoding.UTF8.GetString(window.Peek(field.Content, (int)field.Length));
        }

        throw new InvalidDataException($"the name at byte {field.Content} has {field.Length} bytes");
    }

    /// <summary>The last string field of a message with a number, or an empty string.</summary>
    public string Text(WireField message, int number)
    {
        var text = "";
        foreach (var field in Messages(message, number))
        {
            text = Text(field);
        }

        return text;
    }

    /// <summary>The messages (or strings) of a parent that have a number.</summary>
    public IEnumerable<WireField> Messages(WireField parent, int number)
    {
        foreach (var field in Fields(parent))
        {
            if (field.Number == number && field.Type == WireType.LengthDelimited)
            {
                yield return field;
            }
        }
    }

    /// <summary>The fields of a message.</summary>
    public IEnumerable<WireField> Fields(WireField parent) => Fields(parent.Content, parent.End);

    /// <summary>The fields of the message between two positions.</summary>
    public IEnumerable<WireField> Fields(long position, long end)
    {
        while (Next(ref position, end, out var field))
        {
            yield return field;
        }
    }

    private ulong Varint(ref long position, long end)
    {
        var bytes = window.Peek(position, (int)Math.Min(LongestVarint, end - position));
        var value = 0UL;
        for (var i = 0; i < bytes.Length; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                position += i + 1;
                return value;
            }
        }

        throw new InvalidDataException(bytes.Length < LongestVarint
            ? $"it ends within a number at byte {position}: the file is truncated or damaged"
            : $"the number at byte {position} has no end");
    }
}
