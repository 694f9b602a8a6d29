using System.Buffers;
using System.Runtime.InteropServices;

namespace ModelBuildTasks.Compression.Kernels.Products;

/// <summary>Rented memory that begins at a line of the cache, so that no vector of it lies in two.</summary>
internal readonly unsafe ref struct AlignedBuffer<T>
    where T : unmanaged
{
    private const int Alignment = 64;

    private readonly byte[] rented;
    private readonly GCHandle pin;

    /// <param name="length">How many values; whatever they are.</param>
    public AlignedBuffer(int length)
    {
        rented = ArrayPool<byte>.Shared.Rent(checked((length * sizeof(T)) + Alignment));
        pin = GCHandle.Alloc(rented, GCHandleType.Pinned);
        First = (T*)((pin.AddrOfPinnedObject() + Alignment - 1) & -Alignment);
    }

    public T* First { get; }

    public void Dispose()
    {
        pin.Free();
        ArrayPool<byte>.Shared.Return(rented);
    }
}
