namespace Microsoft.Build.Framework;

/// <summary>
/// Tells MSBuild's multithreaded mode that a task touches no state of the process: no current directory, no environment, no console. MSBuild knows the attribute by its full name; version 18.0.2 of
/// its package does not define it yet.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;
