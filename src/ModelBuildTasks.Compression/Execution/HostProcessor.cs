using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>What the processor of this process does with products of bytes.</summary>
internal static class HostProcessor
{
    private const int Avx512Vnni = 1 << 11;
    private const int AvxVnni = 1 << 4;

    /// <summary>The processor's architecture: x64, arm64, …</summary>
    public static string Architecture { get; } = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>Whether products of bytes are added in 32 bits. An x64 processor without VNNI adds two of them in 16 bits and saturates (VPMADDUBSW).</summary>
    public static bool AddsProductsExactly { get; } = !X86Base.IsSupported || HasVnni();

    // The bits that ONNX Runtime asks for too (CPUID leaf 7: sub-leaf 0 ECX, sub-leaf 1 EAX; Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2A, CPUID).
    private static bool HasVnni()
    {
        var (leaves, _, _, _) = X86Base.CpuId(0, 0);
        if (leaves < 7)
        {
            return false;
        }

        var (subLeaves, _, ecx, _) = X86Base.CpuId(7, 0);
        return (Avx512F.IsSupported && (ecx & Avx512Vnni) != 0)
            || (Avx2.IsSupported && subLeaves >= 1 && (X86Base.CpuId(7, 1).Eax & AvxVnni) != 0);
    }
}
