namespace ModelBuildTasks.Tests.Harness;

/// <summary>The signals that end a build.</summary>
public enum PosixSignalNumber
{
    /// <summary>Ctrl-C.</summary>
    Interrupt = 2,

    Kill = 9,

    Terminate = 15,
}
