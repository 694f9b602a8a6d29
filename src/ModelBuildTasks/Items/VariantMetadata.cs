using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Devices;

namespace ModelBuildTasks.Items;

/// <summary>How ResolveAiModels tells the other tasks of a variant: an item for each, with what was decided in its metadata.</summary>
internal static class VariantMetadata
{
    private const string Device = "VariantDevice";
    private const string Processors = "VariantProcessors";
    private const string IsOnly = "VariantIsOnly";
    private const string OnnxRuntime = "VariantOnnxRuntime";
    private const string Architectures = "VariantArchitectures";
    private const string Packing = "VariantResourceCompression";

    /// <summary>The item of a variant.</summary>
    /// <param name="model">The project's item.</param>
    /// <param name="item">The variant as it was read.</param>
    public static TaskItem Write(ITaskItem model, ModelItem item)
    {
        var resolved = new TaskItem(model);
        resolved.SetMetadata("ModelName", item.OutputName);
        resolved.SetMetadata("OutputPath", item.OutputPath);
        resolved.SetMetadata("ReportPath", item.ReportPath);
        resolved.SetMetadata(Device, item.Request.Device.Name);
        resolved.SetMetadata(Processors, string.Join(';', item.Processors));
        resolved.SetMetadata(IsOnly, item.Request.OutputName is null ? "true" : "false");
        resolved.SetMetadata(Architectures, string.Join(';', item.Request.Device.Architectures));
        resolved.SetMetadata(Packing, item.Request.ResourceCompression.ToString());
        resolved.SetMetadata(OnnxRuntime, item.Request.OnnxRuntime?.ToString() ?? "");
        return resolved;
    }

    /// <summary>The variant of an item that <see cref="Write"/> made.</summary>
    /// <param name="model">The item.</param>
    /// <param name="item">The model as it was read.</param>
    /// <param name="profiles">All device profiles.</param>
    public static ModelItem Read(ITaskItem model, ModelItem item, IReadOnlyList<BuildProfile> profiles)
    {
        var name = model.GetMetadata(Device);
        var profile = profiles.FirstOrDefault(profile => profile.Device.Name == name) ?? new BuildProfile(new DeviceProfile { Name = name }, [], false, false, null, null);
        var processors = model.GetMetadata(Processors).Split(';', StringSplitOptions.RemoveEmptyEntries);
        var runtime = Version.TryParse(model.GetMetadata(OnnxRuntime), out var version) ? version : null;
        var variant = item.For(new ModelVariant(profile, processors), model.GetMetadata(IsOnly) == "true");
        var device = variant.Request.Device with { Architectures = model.GetMetadata(Architectures).Split(';', StringSplitOptions.RemoveEmptyEntries) };
        var packing = Enum.Parse<ResourceCompression>(model.GetMetadata(Packing));
        return variant with { Request = variant.Request with { Device = device, OnnxRuntime = runtime, ResourceCompression = packing } };
    }
}
