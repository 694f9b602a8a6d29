using Microsoft.Build.Framework;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Diagnostics;
using ModelBuildTasks.Items;

namespace ModelBuildTasks.Devices;

/// <summary>Reads AiDeviceProfile items: those of the package, and what the project changes of them or adds.</summary>
internal static class ProfileParser
{
    private static readonly string[] MetadataNames = ["RuntimeIdentifiers", "Activations", "Weights", "PairBound", "Costs", "Architectures", "Vnni", "OnnxRuntime"];
    private static readonly string[] Architectures = ["x86", "x64", "arm", "arm64", "wasm", "s390x", "loongarch64", "armv6", "ppc64le", "riscv64"];

    /// <summary>Reads all profiles; what is wrong is added to the problems. Where a name comes twice the later item is meant: the project's own.</summary>
    public static IReadOnlyList<BuildProfile> Parse(IEnumerable<ITaskItem> items, ModelFolders folders, List<ItemProblem> problems)
    {
        var profiles = new List<BuildProfile>();
        foreach (var item in items)
        {
            var profile = Parse(item, folders, problems);
            var earlier = profiles.FindIndex(known => Same(known.Device.Name, profile.Device.Name));
            if (earlier < 0)
            {
                profiles.Add(profile);
            }
            else
            {
                profiles[earlier] = profile;
            }
        }

        return profiles;
    }

    private static BuildProfile Parse(ITaskItem item, ModelFolders folders, List<ItemProblem> problems)
    {
        var metadata = new MetadataReader(item, problems, "AiDeviceProfile");
        var activations = Format(metadata.Choice("Activations", ["uint8", "int8", "float16"]));
        var weights = Format(metadata.Choice("Weights", ["int8", "float16"]));
        if (activations == NumericFormat.Float16 != (weights == NumericFormat.Float16))
        {
            metadata.Add(DiagnosticCodes.MetadataValueUnknown, "Activations", $"does not go with Weights=\"{metadata.Text("Weights")}\": float16 is for both or for none");
        }

        if (!PortableFileName.IsValid(item.ItemSpec))
        {
            problems.Add(new ItemProblem(DiagnosticCodes.MetadataValueUnknown, null, $"AiDeviceProfile '{item.ItemSpec}': the name cannot be part of a file name, as it is where several variants are embedded. {PortableFileName.Advice}."));
        }

        // A misspelt name would leave the default in force without a word.
        foreach (string name in item.CloneCustomMetadata().Keys)
        {
            if (!Array.Exists(MetadataNames, known => Same(known, name)))
            {
                metadata.Add(DiagnosticCodes.MetadataValueUnknown, name, $"is metadata that a profile does not have. It has {string.Join(", ", MetadataNames)}");
            }
        }

        var identifiers = metadata.List("RuntimeIdentifiers");
        var architectures = Known(metadata);
        var device = new DeviceProfile
        {
            Name = item.ItemSpec,
            Activations = activations,
            Weights = weights,
            PairBound = metadata.Flag("PairBound"),
            Architectures = architectures.Length > 0 ? architectures : ArchitecturesOf([item.ItemSpec, .. identifiers]),
        };
        return new BuildProfile(device, identifiers, architectures.Length > 0, metadata.Flag("Vnni"), Costs(metadata, folders, problems), Runtime(metadata));
    }

    private static NumericFormat Format(string word) => word switch
    {
        "int8" => NumericFormat.Int8,
        "float16" => NumericFormat.Float16,
        _ => NumericFormat.UInt8,
    };

    private static string[] Known(MetadataReader metadata)
    {
        var architectures = metadata.List("Architectures");
        foreach (var architecture in architectures)
        {
            if (!Array.Exists(Architectures, known => Same(known, architecture)))
            {
                metadata.Add(DiagnosticCodes.MetadataValueUnknown, "Architectures", $"has an unknown architecture '{architecture}'. Allowed values: {string.Join(", ", Architectures)}");
            }
        }

        return Array.ConvertAll(architectures, architecture => architecture.ToLowerInvariant());
    }

    /// <summary>The architectures that runtime identifiers end in: linux-musl-arm64 → arm64.</summary>
    public static string[] ArchitecturesOf(params string[] runtimeIdentifiers) =>
        [.. runtimeIdentifiers.Select(identifier => identifier[(identifier.LastIndexOf('-') + 1)..].ToLowerInvariant()).Where(Architectures.Contains).Distinct()];

    private static string? Costs(MetadataReader metadata, ModelFolders folders, List<ItemProblem> problems)
    {
        var text = metadata.Text("Costs");
        if (text.Length == 0)
        {
            return null;
        }

        var path = folders.Resolve(text);
        if (!File.Exists(path))
        {
            problems.Add(new ItemProblem(DiagnosticCodes.CostTableInvalid, path, $"The cost table '{text}' does not exist. Check the path in the AiDeviceProfile item, or remove Costs to do without a table."));
            return null;
        }

        return path;
    }

    private static Version? Runtime(MetadataReader metadata)
    {
        var text = metadata.Text("OnnxRuntime");
        if (text.Length == 0)
        {
            return null;
        }

        if (Version.TryParse(text, out var version))
        {
            return version;
        }

        metadata.Add(DiagnosticCodes.MetadataValueUnknown, "OnnxRuntime", "is not a version. Write the oldest version of ONNX Runtime that the devices have, such as 1.20");
        return null;
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
