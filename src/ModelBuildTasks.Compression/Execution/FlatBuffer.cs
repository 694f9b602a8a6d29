using System.Buffers.Binary;
using System.Text;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>
/// A FlatBuffer (https://flatbuffers.dev/internals): tables refer to their fields by a vtable in front of or behind them, and to strings, vectors and other tables by unsigned distances, which lead forward. Positions
/// count from the beginning of the file; 0 is a field that was left out.
/// </summary>
/// <exception cref="InvalidDataException">A position leads out of the file.</exception>
internal readonly ref struct FlatBuffer(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>The root table.</summary>
    public int Root => Follow(0);

    /// <summary>Where a table's field lies; 0 where it has its default.</summary>
    /// <param name="table">The position of the table.</param>
    /// <param name="field">The number of the field in the schema.</param>
    public int Field(int table, int field)
    {
        var vtable = Vtable(table);
        var entry = 4 + (2 * field);
        return entry < UInt16(vtable) && UInt16(vtable + entry) is > 0 and var offset ? table + offset : 0;
    }

    /// <summary>The vtable of a table.</summary>
    public int Vtable(int table) => (long)table - Int32(table) is var vtable && vtable >= 0 && vtable < bytes.Length ? (int)vtable : throw Outside(vtable);

    /// <summary>The table, vector or string that a field refers to; 0 where the field is left out.</summary>
    public int Reference(int table, int field) => Field(table, field) is > 0 and var position ? Follow(position) : 0;

    /// <summary>The tables of a vector, each where it lies.</summary>
    /// <param name="vector">The vector; 0 is an empty one.</param>
    public int[] Tables(int vector)
    {
        var count = vector == 0 ? 0 : Int32(vector);
        var tables = new int[count == 0 ? 0 : Slice(vector + 4, count > bytes.Length / 4 ? -1 : 4 * count).Length / 4];
        for (var index = 0; index < tables.Length; index++)
        {
            tables[index] = Follow(vector + 4 + (4 * index));
        }

        return tables;
    }

    public string Text(int position) => position == 0 ? "" : Encoding.UTF8.GetString(Slice(position + 4, Int32(position)));

    public byte Byte(int position) => position == 0 ? (byte)0 : Slice(position, 1)[0];

    public uint UInt32(int position) => position == 0 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(Slice(position, 4));

    private int Follow(int position) => (long)position + Int32(position) is var target && target > 0 && target < bytes.Length ? (int)target : throw Outside(target);

    private int Int32(int position) => BinaryPrimitives.ReadInt32LittleEndian(Slice(position, 4));

    private ushort UInt16(int position) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(position, 2));

    private ReadOnlySpan<byte> Slice(int position, int length) => position >= 0 && length >= 0 && position <= bytes.Length - length
        ? bytes.Slice(position, length)
        : throw Outside(position);

    private InvalidDataException Outside(long position) => new($"position {position} leads out of the file of {bytes.Length} bytes");
}
