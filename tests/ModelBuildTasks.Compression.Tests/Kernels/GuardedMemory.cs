using System.Runtime.InteropServices;

namespace ModelBuildTasks.Compression.Tests.Kernels;

/// <summary>
/// Memory that ends, or begins, exactly at a page without access: one byte read or written beyond it ends the process. On systems other than Linux, plain memory of the same size.
/// </summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int NoAccess = 0;
    private const int ReadAndWrite = 1 | 2;
    private const int PrivateAndAnonymous = 0x02 | 0x20;

    private readonly nint mapping;
    private readonly nuint mappingLength;
    private readonly byte* first;
    private readonly int length;

    /// <param name="length">Bytes.</param>
    /// <param name="guardAfter">Whether the inaccessible page follows the memory or precedes it.</param>
    public GuardedMemory(int length, bool guardAfter)
    {
        this.length = length;
        if (!OperatingSystem.IsLinux())
        {
            first = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
            return;
        }

        var page = (nuint)Environment.SystemPageSize;
        var usable = ((nuint)length + page - 1) / page * page;
        mappingLength = usable + (2 * page);
        mapping = Map(0, mappingLength, NoAccess, PrivateAndAnonymous, -1, 0);
        if (mapping == -1 || (usable > 0 && Protect(mapping + (nint)page, usable, ReadAndWrite) != 0))
        {
            throw new InvalidOperationException($"No guarded memory: error {Marshal.GetLastPInvokeError()}.");
        }

        first = (byte*)mapping + page + (guardAfter ? usable - (nuint)length : 0);
    }

    public Span<T> Span<T>()
        where T : unmanaged => new(first, length / sizeof(T));

    public void Dispose()
    {
        if (mapping == 0)
        {
            NativeMemory.Free(first);
        }
        else if (Unmap(mapping, mappingLength) != 0)
        {
            throw new InvalidOperationException($"Guarded memory was not released: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
