using System.Runtime.InteropServices;

namespace ModelBuildTasks.Tests.Emulation;

/// <summary>A processor that QEMU emulates for one Linux program (user mode): the program runs here with the instructions, and only those, that this processor has.</summary>
/// <param name="Emulator">QEMU's program for the architecture.</param>
/// <param name="Model">What QEMU calls the processor.</param>
internal sealed record EmulatedProcessor(string Emulator, string Model)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>x64 with AVX2, without AVX-512 and VNNI: products of unsigned and signed bytes are added in pairs into 16 bits, which saturate (VPMADDUBSW).</summary>
    public static EmulatedProcessor Haswell { get; } = new("qemu-x86_64-static", "Haswell");

    /// <summary>ARMv8.0: no dot product instructions.</summary>
    public static EmulatedProcessor CortexA72 { get; } = new("qemu-aarch64-static", "cortex-a72")
    {
        Description = new Arm64Description("0xd08", "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"),
    };

    /// <summary>ARMv8.2 with dot product instructions (SDOT, UDOT).</summary>
    public static EmulatedProcessor CortexA76 { get; } = new("qemu-aarch64-static", "cortex-a76")
    {
        Description = new Arm64Description("0xd0b", "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"),
    };

    /// <summary>What the kernel of a machine with this processor tells of it; null where programs ask the processor itself.</summary>
    public Arm64Description? Description { get; init; }

    /// <summary>Ends the test as skipped, with the reason, where this machine cannot emulate.</summary>
    public void RequireOrSkip()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Assert.Inconclusive($"Skipped: {Model} is emulated on x64 Linux only, and this is {RuntimeInformation.RuntimeIdentifier}.");
        }

        if (EmulatorPath is null)
        {
            Assert.Inconclusive($"Skipped: {Emulator}, which emulates {Model}, is not on the PATH. Debian has it in qemu-user-static.");
        }

        if (Description is not null && Arm64SystemRoot.MissingLibraries is { Length: > 0 } missing)
        {
            Assert.Inconclusive($"Skipped: programs for {Model} need {string.Join(", ", missing)} in {Arm64SystemRoot.Libraries}. Debian has them in {Arm64SystemRoot.Packages}.");
        }
    }

    /// <summary>Runs a program to its end and asserts that it succeeded.</summary>
    /// <returns>Everything it wrote.</returns>
    public string Run(string program, params string[] arguments)
    {
        using var root = Description is null ? null : new Arm64SystemRoot(Description);
        return EmulatedProgram.Run(EmulatorPath ?? Emulator, ["-cpu", Model, .. root is null ? (string[])[] : ["-L", root.Path], program, .. arguments], Patience);
    }

    private string? EmulatorPath => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, Emulator)).FirstOrDefault(File.Exists);
}
