namespace ModelBuildTasks.Tests.Harness;

/// <summary>An error or warning of a build.</summary>
internal sealed record Diagnostic(bool IsError, string Code, string File, string Message, string ProjectFile)
{
    public override string ToString() => $"{File}: {(IsError ? "error" : "warning")} {Code}: {Message}";
}
