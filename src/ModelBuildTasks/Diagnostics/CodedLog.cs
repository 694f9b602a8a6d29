using Microsoft.Build.Utilities;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Diagnostics;

/// <summary>Logs errors and warnings with their code, the file they are about and the place of their explanation.</summary>
internal static class CodedLog
{
    /// <summary>Logs an error of code AIM1xxx, AIM2xxx or AIM9xxx.</summary>
    public static void LogCodedError(this TaskLoggingHelper log, string code, string file, string message) =>
        log.LogError(null, code, null, HelpLink(code), file, 0, 0, 0, 0, message);

    /// <summary>Logs a warning of code AIM2xxx or AIM3xxx.</summary>
    public static void LogCodedWarning(this TaskLoggingHelper log, string code, string file, string message) =>
        log.LogWarning(null, code, null, HelpLink(code), file, 0, 0, 0, 0, message);

    /// <summary>Logs what a user can act on.</summary>
    public static void LogCodedError(this TaskLoggingHelper log, CompressionException exception, string projectFile) =>
        log.LogCodedError(exception.Code, exception.File ?? projectFile, exception.Message);

    /// <summary>Logs what only we can act on; the stack trace is for the defect report and shows at detailed verbosity.</summary>
    public static void LogInternalError(this TaskLoggingHelper log, Exception exception, string file)
    {
        log.LogCodedError(
            DiagnosticCodes.InternalError,
            file,
            $"ModelBuildTasks failed unexpectedly: {OneLine(exception.Message)} This is a defect of ModelBuildTasks: please report it with the output of 'dotnet build -v:detailed'.");
        log.LogMessage(Microsoft.Build.Framework.MessageImportance.Low, "{0}", exception);
    }

    private static string HelpLink(string code) => "docs/diagnostics.md#" + code.ToLowerInvariant();

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
