using Microsoft.Build.Utilities;

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

    private static string HelpLink(string code) => "docs/diagnostics.md#" + code.ToLowerInvariant();
}
