namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Reads the rows of an array one at a time, so that memory holds one row.</summary>
internal interface IRowReader : IDisposable
{
    /// <summary>Reads a row in C order.</summary>
    /// <param name="row">Any row; ascending ones are cheap.</param>
    /// <param name="destination">The bytes of one row.</param>
    void Read(long row, Span<byte> destination);
}
