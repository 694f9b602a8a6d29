namespace ModelBuildTasks.Tests.Harness;

/// <summary>A target or task that executed.</summary>
internal sealed record Step(string Name, TimeSpan Duration);
