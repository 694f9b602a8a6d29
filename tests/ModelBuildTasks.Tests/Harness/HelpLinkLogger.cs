using Microsoft.Build.Framework;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>An MSBuild logger that writes the code and help link of each error and warning to a file: a binary log does not keep help links.</summary>
public sealed class HelpLinkLogger : ILogger
{
    /// <inheritdoc/>
    public LoggerVerbosity Verbosity { get; set; }

    /// <summary>The file to write.</summary>
    public string? Parameters { get; set; }

    /// <summary>The argument that makes a build use this logger.</summary>
    public static string Argument(string file) => $"-logger:{typeof(HelpLinkLogger).FullName},{typeof(HelpLinkLogger).Assembly.Location};{file}";

    /// <inheritdoc/>
    public void Initialize(IEventSource eventSource)
    {
        ArgumentNullException.ThrowIfNull(eventSource);
        eventSource.ErrorRaised += (_, error) => Write(error.Code, error.HelpLink);
        eventSource.WarningRaised += (_, warning) => Write(warning.Code, warning.HelpLink);
    }

    /// <inheritdoc/>
    public void Shutdown()
    {
    }

    private void Write(string? code, string? helpLink) => File.AppendAllText(Parameters!, $"{code} {helpLink}\n");
}
