using System.Buffers.Binary;
using System.Text;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>Writes the beginning of a FlatBuffer from front to back: what refers to a table or a vector comes before it, since distances lead forward.</summary>
internal sealed class FlatBufferHead
{
    private readonly List<byte> bytes = [];

    /// <summary>Bytes so far.</summary>
    public int Length => bytes.Count;

    public byte[] ToArray() => [.. bytes];

    private void Align(int multiple)
    {
        while (bytes.Count % multiple > 0)
        {
            bytes.Add(0);
        }
    }

    public void Raw(ReadOnlySpan<byte> value) => bytes.AddRange(value);

    /// <summary>A number of 32 bits; returns its position.</summary>
    public int UInt32(uint value)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, value);
        bytes.AddRange(number);
        return bytes.Count - 4;
    }

    /// <summary>A table of fields of 32 bits each, with a vtable of its own in front of it.</summary>
    /// <param name="reference">What leads to it.</param>
    /// <param name="numbers">The numbers of its fields in the schema, ascending and at least one; the others are left out.</param>
    /// <returns>The position of each field, filled with 0.</returns>
    public int[] Table(int reference, params ReadOnlySpan<int> numbers)
    {
        Align(4);
        var entries = numbers[^1] + 1;
        // The table begins where 4 divides: its vtable may need two bytes in front of it.
        if (entries % 2 > 0)
        {
            UInt16(0);
        }

        UInt16(4 + (2 * entries));
        UInt16(4 + (4 * numbers.Length));
        for (var entry = 0; entry < entries; entry++)
        {
            var index = numbers.IndexOf(entry);
            UInt16(index < 0 ? 0 : 4 + (4 * index));
        }

        PointHere(reference);
        UInt32((uint)(4 + (2 * entries)));
        var positions = new int[numbers.Length];
        for (var index = 0; index < positions.Length; index++)
        {
            positions[index] = UInt32(0);
        }

        return positions;
    }

    /// <summary>A vector of references; returns the position of each, filled with 0.</summary>
    public int[] Vector(int count)
    {
        Align(4);
        UInt32((uint)count);
        return [.. Enumerable.Range(0, count).Select(_ => UInt32(0))];
    }

    /// <summary>A string with the zero behind it.</summary>
    public void Text(string value)
    {
        Align(4);
        var text = Encoding.UTF8.GetBytes(value);
        UInt32((uint)text.Length);
        bytes.AddRange(text);
        bytes.Add(0);
    }

    /// <summary>Lets a reference lead to what is written next (whose beginning 4 must divide).</summary>
    public void PointHere(int reference)
    {
        Align(4);
        Point(reference, bytes.Count);
    }

    /// <summary>Lets a reference lead to a position behind it.</summary>
    public void Point(int reference, int position) => Set(reference, (uint)(position - reference));

    /// <summary>Fills a field.</summary>
    public void Set(int position, uint value)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, value);
        for (var index = 0; index < number.Length; index++)
        {
            bytes[position + index] = number[index];
        }
    }

    private void UInt16(int value)
    {
        bytes.Add((byte)value);
        bytes.Add((byte)(value >> 8));
    }
}
