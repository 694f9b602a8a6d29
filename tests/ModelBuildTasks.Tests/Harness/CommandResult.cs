namespace ModelBuildTasks.Tests.Harness;

/// <summary>How a command ended and what it said.</summary>
internal sealed record CommandResult(string CommandLine, int ExitCode, string Output)
{
    public CommandResult ShouldSucceed()
    {
        Assert.AreEqual(0, ExitCode, $"'{CommandLine}' failed:\n{Output}");
        return this;
    }

    public CommandResult ShouldFail()
    {
        Assert.AreNotEqual(0, ExitCode, $"'{CommandLine}' succeeded:\n{Output}");
        return this;
    }
}
