using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression;

/// <summary>The files that a compression reads.</summary>
internal static class RequestFiles
{
    /// <summary>The model and the files of its external data.</summary>
    public static IReadOnlyList<string> Model(CompressionRequest request) =>
        [request.ModelPath, .. ExternalDataFiles.Of(request.ModelPath)];

    /// <summary>Bytes of the model and of the files of its external data.</summary>
    public static long ModelBytes(CompressionRequest request) => Model(request).Sum(file => new FileInfo(file).Length);

    /// <summary>Files as they are, folders as all files below them, in ordinal order; each with the name that counts, which holds no place of this machine.</summary>
    /// <exception cref="CompressionException">AIM1101: a file or folder is missing.</exception>
    public static IReadOnlyList<(string Name, string Path)> Data(IReadOnlyList<string> paths)
    {
        var files = new List<(string, string)>();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                var below = Directory.GetFiles(path, "*", SearchOption.AllDirectories);
                Array.Sort(below, StringComparer.Ordinal);
                files.AddRange(below.Select(file => (Path.GetRelativePath(path, file).Replace('\\', '/'), file)));
            }
            else if (File.Exists(path))
            {
                files.Add((Path.GetFileName(path), path));
            }
            else
            {
                throw new CompressionException(DiagnosticCodes.DataUnreadable, path, $"'{path}' does not exist. Calibration and Validation name .npz, .npy or .csv files or folders of images or ONNX test data; check the path in the AiModel item.");
            }
        }

        return files;
    }
}
