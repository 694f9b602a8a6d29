using System.Buffers.Binary;
using System.IO.Compression;

namespace ModelBuildTasks.Compression.Tests.Calibration;

/// <summary>Writes small image files byte by byte.</summary>
internal static class Images
{
    /// <summary>A PNG file.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="channels">1 grey, 3 RGB, 4 RGB with alpha.</param>
    /// <param name="pixels">Interleaved, row by row.</param>
    public static byte[] Png(int width, int channels, params byte[] pixels)
    {
        var height = pixels.Length / width / channels;
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, channels switch { 1 => (byte)0, 3 => 2, _ => 6 });
        using var content = new MemoryStream();
        using (var deflate = new ZLibStream(content, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
            {
                deflate.WriteByte(0);
                deflate.Write(pixels, y * width * channels, width * channels);
            }
        }

        return [0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, content.ToArray()), .. Chunk("IEND"u8, [])];
    }

    /// <summary>A 24-bit bitmap; rows are stored from the bottom up, blue first, padded to four bytes.</summary>
    public static byte[] Bmp(int width, params byte[] rgb)
    {
        var (height, stride) = (rgb.Length / width / 3, ((width * 3) + 3) / 4 * 4);
        var file = new byte[54 + (height * stride)];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
        (file[26], file[28]) = (1, 24);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width * 3; x++)
            {
                file[54 + ((height - 1 - y) * stride) + (x / 3 * 3) + 2 - (x % 3)] = rgb[(y * width * 3) + x];
            }
        }

        return file;
    }

    /// <summary>An 8×8 grey JPEG whose pixels are all 200: its only coefficient is DC = 72 · 8, in Huffman tables of one code each (DC category 7 and end of block, both "0").</summary>
    public static byte[] Jpeg() =>
    [
        0xFF, 0xD8,
        0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64),
        0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0,
        0xFF, 0xC4, 0, 20, 0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7,
        0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0xFF, 0xDA, 0, 8, 1, 1, 0x00, 0, 63, 0,
        0b0_1001000, 0b0_1111111,
        0xFF, 0xD9,
    ];

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        var chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
