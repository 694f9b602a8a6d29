namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Rows of an array in C order, streamed: forward by skipping, backward by starting again.</summary>
internal sealed class ForwardRowReader(NpyArray array) : IRowReader
{
    private const int SkipBytes = 1 << 16;

    private Stream? _stream;
    private long _position;
    private byte[]? _skipped;

    public void Read(long row, Span<byte> destination)
    {
        var wanted = array.Header.DataOffset + (row * array.RowBytes);
        if (_stream is null || wanted < _position)
        {
            _stream?.Dispose();
            _stream = array.OpenStream();
            _position = 0;
        }

        SkipTo(_stream, wanted);
        _stream.ReadExactly(destination);
        _position = wanted + destination.Length;
    }

    public void Dispose() => _stream?.Dispose();

    private void SkipTo(Stream stream, long wanted)
    {
        if (stream.CanSeek)
        {
            stream.Position = wanted;
            return;
        }

        _skipped ??= new byte[SkipBytes];
        while (_position < wanted)
        {
            var length = (int)Math.Min(SkipBytes, wanted - _position);
            stream.ReadExactly(_skipped, 0, length);
            _position += length;
        }
    }
}
