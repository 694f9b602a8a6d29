using System.Reflection;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>What a version of ONNX Runtime can load.</summary>
/// <param name="Version">The first version of which this holds.</param>
/// <param name="NewestOpset">The newest version of the default operator set that it does not refuse as under development.</param>
/// <param name="NewestFormat">The newest version of the file format (ir_version).</param>
internal sealed record RuntimeSupport(Version Version, int NewestOpset, int NewestFormat)
{
    // Tried with the native libraries of these releases, one small model for each number (docs/devices.md); 1.8 and 1.9 are from the runtime's own version matrix.
    private static readonly RuntimeSupport[] Known =
    [
        new(new(1, 8), 14, 7),
        new(new(1, 9), 15, 8),
        new(new(1, 11), 16, 8),
        new(new(1, 12), 17, 8),
        new(new(1, 14), 18, 8),
        new(new(1, 15), 19, 9),
        new(new(1, 17), 20, 9),
        new(new(1, 18), 21, 10),
        new(new(1, 21), 22, 10),
        new(new(1, 23), 23, 11),
        new(new(1, 24), 25, 13),
        new(new(1, 25), ModelChecks.NewestOpset, 13),
    ];

    /// <summary>The version in this package, major and minor: what saves files in ORT format.</summary>
    public static Version OfThisPackage { get; } = Compiled();

    /// <summary>What a version can load; null where it is older than all that are known.</summary>
    public static RuntimeSupport? Of(Version version) => Known.LastOrDefault(known => known.Version <= version);

    /// <summary>Checks that a runtime loads a model: its operator set and its format.</summary>
    /// <param name="version">The runtime that the application has; null is the one in this package, which was asked already.</param>
    /// <param name="model">The model as it will be embedded.</param>
    /// <param name="reportedPath">The file that the error names.</param>
    /// <exception cref="CompressionException">AIM1009: it does not.</exception>
    public static void Require(Version? version, OnnxModel model, string reportedPath)
    {
        if (version is null)
        {
            return;
        }

        if (Of(version) is not { } support)
        {
            throw TooOld(version, reportedPath, $"is older than {Known[0].Version}, the oldest that is supported", "Reference a newer version of Microsoft.ML.OnnxRuntime.");
        }

        if (model.Opset > support.NewestOpset)
        {
            throw TooOld(version, reportedPath, $"knows operator sets up to {support.NewestOpset}, and the model has {model.Opset}", Remedy(known => known.NewestOpset >= model.Opset));
        }

        if (model.Proto.IrVersion > support.NewestFormat)
        {
            throw TooOld(version, reportedPath, $"reads the ONNX format up to version {support.NewestFormat}, and the model has {model.Proto.IrVersion}", Remedy(known => known.NewestFormat >= model.Proto.IrVersion));
        }
    }

    private static Version Compiled()
    {
        var version = Version.Parse(typeof(RuntimeSupport).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "OnnxRuntimeVersion").Value!);
        return new Version(version.Major, version.Minor);
    }

    private static string Remedy(Func<RuntimeSupport, bool> suffices) =>
        Known.FirstOrDefault(suffices) is { } first
            ? $"Reference Microsoft.ML.OnnxRuntime {first.Version} or newer, or export the model for the older one."
            : "Export the model for that version.";

    private static CompressionException TooOld(Version version, string path, string reason, string remedy) => new(
        DiagnosticCodes.RuntimeTooOld,
        path,
        $"'{Path.GetFileName(path)}' cannot be loaded by the ONNX Runtime that will run it: {version} {reason}. {remedy}");
}
