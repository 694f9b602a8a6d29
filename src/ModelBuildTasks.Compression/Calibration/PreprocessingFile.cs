using System.Text.Json;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The file preprocessing.json in a folder of images: how they become tensors, where the item does not say it. Each of mean, std, layout and size may be left out.</summary>
internal sealed class PreprocessingFile
{
    public const string Name = "preprocessing.json";

    private readonly string path;
    private readonly ImageOptions options;

    private PreprocessingFile(string path, ImageOptions options)
    {
        this.path = path;
        this.options = options;
    }

    /// <summary>The file of a folder of images, or null where it has none.</summary>
    /// <exception cref="CompressionException">AIM1101: it is no such file, or it has a key that means nothing.</exception>
    public static PreprocessingFile? Find(string folder)
    {
        var path = Path.Combine(folder, Name);
        return File.Exists(path) ? DataFile.Guard(path, () => Read(path)) : null;
    }

    /// <summary>The item's options, completed by those of this file.</summary>
    public ImageOptions Complete(ImageOptions item) => item with
    {
        Mean = item.Mean ?? options.Mean,
        StandardDeviation = item.StandardDeviation ?? options.StandardDeviation,
        Layout = item.Layout ?? options.Layout,
        Size = item.KeepsSize ? null : item.Size ?? options.Size,
        KeepsSize = item.KeepsSize || (item.Size is null && options.KeepsSize),
    };

    /// <summary>Checks the values that are used against the channels of the model's images, so that the error names this file and not the item.</summary>
    /// <exception cref="CompressionException">AIM1101: neither one value nor one for each channel.</exception>
    public void CheckChannels(ImageOptions item, int channels)
    {
        Check("mean", item.Mean is null ? options.Mean : null);
        Check("std", item.StandardDeviation is null ? options.StandardDeviation : null);

        void Check(string key, IReadOnlyList<float>? values)
        {
            if (values is not null && values.Count != 1 && values.Count != channels)
            {
                throw Wrong(path, $"{key} has {values.Count} values, but the model's images have {channels} channels. Give one value, or one for each channel");
            }
        }
    }

    private static PreprocessingFile Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Wrong(path, "it is no JSON object. Write {\"mean\": [0.5], \"std\": [0.5]}");
            }

            var options = new ImageOptions();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                options = property.Name switch
                {
                    "mean" => options with { Mean = Numbers(path, property) },
                    "std" => options with { StandardDeviation = Numbers(path, property) is var deviations && deviations.All(deviation => deviation > 0) ? deviations : throw Wrong(path, "std has a value that is not greater than 0. Correct it") },
                    "layout" => options with { Layout = Layout(path, property) },
                    "size" when property.Value.ValueKind == JsonValueKind.String && property.Value.ValueEquals("original") => options with { KeepsSize = true },
                    "size" => options with { Size = Size(path, property) },
                    _ => throw Wrong(path, $"it has the unknown key '{property.Name}'. Use mean, std, layout and size"),
                };
            }

            return new PreprocessingFile(path, options);
        }
        catch (JsonException exception)
        {
            throw Wrong(path, $"it is no valid JSON ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')}). Correct it", exception);
        }
    }

    private static float[] Numbers(string path, JsonProperty property)
    {
        var values = property.Value.ValueKind == JsonValueKind.Array ? property.Value.EnumerateArray().ToArray() : [property.Value];
        return values.Length > 0 && Array.TrueForAll(values, value => value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number))
            ? Array.ConvertAll(values, value => value.GetSingle())
            : throw Wrong(path, $"{property.Name} is no list of numbers. Write one number for all channels or one per channel, such as [0.485, 0.456, 0.406]");
    }

    private static string Layout(string path, JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.String && property.Value.GetString() is "NCHW" or "NHWC"
            ? property.Value.GetString()!
            : throw Wrong(path, "layout is neither \"NCHW\" nor \"NHWC\". Use one of them");

    private static (int Height, int Width) Size(string path, JsonProperty property)
    {
        var extents = property.Value.ValueKind == JsonValueKind.Array ? property.Value.EnumerateArray().ToArray() : [];
        return extents.Length == 2 && Array.TrueForAll(extents, extent => extent.ValueKind == JsonValueKind.Number && extent.TryGetInt32(out var pixels) && pixels > 0)
            ? (extents[0].GetInt32(), extents[1].GetInt32())
            : throw Wrong(path, "size is no pair of a height and a width in pixels. Write for example [224, 224], or \"original\"");
    }

    private static CompressionException Wrong(string path, string what, Exception? cause = null) =>
        new(DiagnosticCodes.DataUnreadable, path, $"'{Path.GetFileName(path)}' in '{Path.GetFileName(Path.GetDirectoryName(path))}': {what}.", cause);
}
