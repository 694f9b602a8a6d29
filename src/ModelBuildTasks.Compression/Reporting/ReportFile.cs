using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>Reads and writes report.json.</summary>
internal static class ReportFile
{
    /// <summary>Reads a report; one that is missing, unreadable or malformed counts as absent, since it can be made again.</summary>
    public static bool TryRead(string path, [NotNullWhen(true)] out CompressionReport? report)
    {
        try
        {
            report = ReportReader.Read(File.ReadAllBytes(path));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            report = null;
            return false;
        }
    }

    /// <summary>Writes a report whole or not at all, and leaves a file of the same content alone.</summary>
    /// <returns>True when the file was written.</returns>
    /// <exception cref="CompressionException">AIM1303: the folder cannot be written. AIM9001: a number is NaN or infinite.</exception>
    public static bool Write(string path, CompressionReport report)
    {
        try
        {
            return AtomicFile.WriteWhenDifferent(path, ReportWriter.Write(report));
        }
        catch (ArgumentException exception)
        {
            throw new CompressionException(DiagnosticCodes.InternalError, path, $"The report of '{report.Model}' holds a number that is NaN or infinite. This is a defect of ModelBuildTasks: please report it.", exception);
        }
    }
}
