namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Rows of an array in C order, streamed: forward by skipping, backward by starting again.</summary>
internal sealed class ForwardRowReader(NpyArray array) : IRowReader
{
    private const int SkipBytes = 1 << 16;

    private Stream? stream;
    private long position;
    private byte[]? skipped;

    public void Read(long row, Span<byte> destination)
    {
        var wanted = array.Header.DataOffset + (row * array.RowBytes);
        if (stream is null || wanted < position)
        {
            stream?.Dispose();
            stream = array.OpenStream();
            position = 0;
        }

        SkipTo(stream, wanted);
        stream.ReadExactly(destination);
        position = wanted + destination.Length;
    }

    public void Dispose() => stream?.Dispose();

    private void SkipTo(Stream stream, long wanted)
    {
        if (stream.CanSeek)
        {
            stream.Position = wanted;
            return;
        }

        skipped ??= new byte[SkipBytes];
        while (position < wanted)
        {
            var length = (int)Math.Min(SkipBytes, wanted - position);
            stream.ReadExactly(skipped, 0, length);
            position += length;
        }
    }
}
