using System.Globalization;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class KernelDigestTests
{
    /// <summary>Where this names a file, the vector width and the digest of this process are written to it: see <see cref="InstructionSetTests"/>.</summary>
    internal const string ReportVariable = "MODELBUILDTASKS_KERNEL_REPORT";

    /// <summary>Bits of the widest vectors of this process; 0 without any.</summary>
    internal static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    [TestMethod]
    public void Every_processor_and_every_instruction_set_gives_these_bits()
    {
        var digest = KernelDigest.Compute();
        if (Environment.GetEnvironmentVariable(ReportVariable) is { Length: > 0 } report)
        {
            File.WriteAllText(report, string.Create(CultureInfo.InvariantCulture, $"{VectorBits} {digest}"));
        }

        Assert.AreEqual("8880F5B9E19520ED580251045C6E3E0835EEAFE2E89EA3AF5B664150BD3DA882", digest);
    }
}
