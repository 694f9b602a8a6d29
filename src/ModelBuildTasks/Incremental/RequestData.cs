using ModelBuildTasks.Compression;
using ModelBuildTasks.Items;

namespace ModelBuildTasks.Incremental;

/// <summary>The files of an item beside the model's own.</summary>
internal static class RequestData
{
    /// <summary>Calibration, validation and ranges files, the keys of a text recognizer and the cost table, in this order; folders with all files below them.</summary>
    /// <exception cref="Compression.Diagnostics.CompressionException">AIM1101: a file or folder is missing.</exception>
    public static List<string> Of(ModelItem item)
    {
        var request = item.Request;
        var paths = new List<string>();
        foreach (var file in RequestFiles.Data(request.Calibration))
        {
            paths.Add(file.Path);
        }

        foreach (var file in RequestFiles.Data(request.Validation))
        {
            paths.Add(file.Path);
        }

        if (request.Ranges is not null)
        {
            paths.Add(request.Ranges);
        }

        if (request.Keys is not null)
        {
            paths.Add(request.Keys);
        }

        if (item.CostsPath is not null)
        {
            paths.Add(item.CostsPath);
        }

        return paths;
    }
}
