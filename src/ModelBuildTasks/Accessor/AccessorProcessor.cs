namespace ModelBuildTasks.Accessor;

/// <summary>
/// The generated code that tells the processor at hand, where a model has several variants: its architecture and, from .NET 8 on, whether it has VNNI. Older frameworks cannot ask; they get the variant that is right
/// without VNNI too.
/// </summary>
internal static class AccessorProcessor
{
    /// <summary>The methods, behind an empty line.</summary>
    public const string Code = """

        private static int Choose(params string[] variants)
        {
            string architecture = Architecture();
            int chosen = HasVnni() ? Find(variants, architecture + "+vnni") : -1;
            chosen = chosen < 0 ? Find(variants, architecture) : chosen;
            return chosen < 0 ? 0 : chosen;
        }

        private static int Find(string[] variants, string processor)
        {
            for (int index = 0; index < variants.Length; index++)
            {
                if (variants[index].IndexOf(";" + processor + ";", global::System.StringComparison.Ordinal) >= 0)
                {
                    return index;
                }
            }
            return -1;
        }

        private static string Architecture()
        {
        #if NETFRAMEWORK && !NET471_OR_GREATER
            return global::System.IntPtr.Size == 8 ? "x64" : "x86";
        #else
            return global::System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        #endif
        }

        // What ONNX Runtime asks for too: CPUID leaf 7, AVX512_VNNI in sub-leaf 0 and AVX-VNNI in sub-leaf 1.
        private static bool HasVnni()
        {
        #if NET8_0_OR_GREATER
            if (!global::System.Runtime.Intrinsics.X86.X86Base.IsSupported || global::System.Runtime.Intrinsics.X86.X86Base.CpuId(0, 0).Eax < 7)
            {
                return false;
            }
            var features = global::System.Runtime.Intrinsics.X86.X86Base.CpuId(7, 0);
            return (global::System.Runtime.Intrinsics.X86.Avx512F.IsSupported && (features.Ecx & (1 << 11)) != 0)
                || (global::System.Runtime.Intrinsics.X86.Avx2.IsSupported && features.Eax >= 1 && (global::System.Runtime.Intrinsics.X86.X86Base.CpuId(7, 1).Eax & (1 << 4)) != 0);
        #else
            return false;
        #endif
        }
        """;
}
