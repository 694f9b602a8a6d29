using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ModelBuildTasks.Hosting;

/// <summary>The process that started this one.</summary>
internal sealed partial class ParentProcess
{
    private readonly int unixId;
    private readonly Process? windowsProcess;

    private ParentProcess()
    {
        if (OperatingSystem.IsWindows())
        {
            windowsProcess = FindOnWindows();
        }
        else
        {
            unixId = UnixParentId();
        }
    }

    /// <summary>The parent as it is now.</summary>
    public static ParentProcess Current() => new();

    /// <summary>Whether the parent has ended; an orphan on Unix belongs to another process at once.</summary>
    public bool HasEnded => OperatingSystem.IsWindows() ? windowsProcess?.HasExited == true : UnixParentId() != unixId;

    private static Process? FindOnWindows()
    {
        var status = QueryInformationProcess(Process.GetCurrentProcess().Handle, 0, out var information, Marshal.SizeOf<ProcessBasicInformation>(), out _);
        if (status != 0)
        {
            return null;
        }

        try
        {
            return Process.GetProcessById((int)information.InheritedFromUniqueProcessId);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int UnixParentId();

    [LibraryImport("ntdll.dll", EntryPoint = "NtQueryInformationProcess")]
    private static partial int QueryInformationProcess(nint process, int informationClass, out ProcessBasicInformation information, int length, out int returned);

    [StructLayout(LayoutKind.Sequential)]
    private struct ProcessBasicInformation
    {
        public nint ExitStatus;
        public nint PebBaseAddress;
        public nint AffinityMask;
        public nint BasePriority;
        public nint UniqueProcessId;
        public nint InheritedFromUniqueProcessId;
    }
}
