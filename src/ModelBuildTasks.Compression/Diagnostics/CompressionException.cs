namespace ModelBuildTasks.Compression.Diagnostics;

/// <summary>An error that a user can act on: a stable code, the file it is about, and one line saying what happened, why, and what to do.</summary>
public sealed class CompressionException : Exception
{
    /// <param name="code">One of <see cref="DiagnosticCodes"/>.</param>
    /// <param name="file">The file the error is about, or null where it is about an option.</param>
    /// <param name="message">One line: what happened, why, what to do.</param>
    /// <param name="innerException">The cause, for a debugger; it is not shown to users.</param>
    public CompressionException(string code, string? file, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        File = file;
    }

    /// <summary>One of <see cref="DiagnosticCodes"/>.</summary>
    public string Code { get; }

    /// <summary>The file the error is about, or null where it is about an option.</summary>
    public string? File { get; }
}
