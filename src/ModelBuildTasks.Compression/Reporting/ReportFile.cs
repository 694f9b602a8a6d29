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
        report = null;
        try
        {
            report = JsonSerializer.Deserialize(File.ReadAllBytes(path), ReportJson.Stable.CompressionReport);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return false;
        }

        return report is not null;
    }

    /// <summary>Writes a report whole or not at all, and leaves a file of the same content alone.</summary>
    /// <returns>True when the file was written.</returns>
    /// <exception cref="CompressionException">AIM1303: the folder cannot be written. AIM9001: a number is NaN or infinite.</exception>
    public static bool Write(string path, CompressionReport report) => AtomicFile.WriteWhenDifferent(path, Serialize(path, report));

    private static byte[] Serialize(string path, CompressionReport report)
    {
        try
        {
            return [.. JsonSerializer.SerializeToUtf8Bytes(report, ReportJson.Stable.CompressionReport), (byte)'\n'];
        }
        catch (ArgumentException exception)
        {
            // JSON has no NaN and no infinity; written as text they would break whoever reads numbers.
            throw new CompressionException(DiagnosticCodes.InternalError, path, $"The report of '{report.Model}' holds a number that is NaN or infinite. This is a defect of ModelBuildTasks: please report it.", exception);
        }
    }
}
