namespace ModelBuildTasks.Tests.Harness;

/// <summary>How a build ended, and its binary log.</summary>
internal sealed class BuildResult(CommandResult command, string logPath)
{
    private BuildLog? log;

    public BuildLog Log => log ??= BuildLog.Read(logPath);

    public string Output => command.Output;

    /// <summary>Whether a process that compresses was started.</summary>
    public bool Compressed => Log.TaskHostStarts > 0;

    public BuildResult ShouldSucceed()
    {
        command.ShouldSucceed();
        return this;
    }

    /// <summary>Fails with exactly one error, and it has this code.</summary>
    /// <returns>The error.</returns>
    public Diagnostic ShouldFailWith(string code)
    {
        command.ShouldFail();
        Assert.HasCount(1, Log.Errors, $"One clear error is expected:\n{string.Join('\n', Log.Errors)}\n{Output}");
        Assert.AreEqual(code, Log.Errors[0].Code, Log.Errors[0].ToString());
        return Log.Errors[0];
    }

    /// <summary>Succeeds with exactly one warning, and it has this code.</summary>
    /// <returns>The warning.</returns>
    public Diagnostic ShouldWarnWith(string code)
    {
        command.ShouldSucceed();
        Assert.HasCount(1, Log.Warnings, $"One warning is expected:\n{string.Join('\n', Log.Warnings)}\n{Output}");
        Assert.AreEqual(code, Log.Warnings[0].Code, Log.Warnings[0].ToString());
        return Log.Warnings[0];
    }

    public BuildResult ShouldCompress()
    {
        Assert.IsTrue(Compressed, $"Something should have been compressed:\n{Output}");
        return this;
    }

    public BuildResult ShouldNotCompress()
    {
        Assert.IsFalse(Compressed, $"Nothing should have been compressed:\n{Output}");
        return this;
    }
}
