using Benchmarks.Formats;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Devices;

namespace Benchmarks.Pruning;

/// <summary>Compresses the models of a table, each in a folder that is deleted after it.</summary>
internal static class PrunedModels
{
    /// <summary>Calls back with each model and the request that every cell of it starts with.</summary>
    public static void ForEach(PruningTableOptions options, Action<BenchmarkModel, CompressionRequest> compress)
    {
        foreach (var name in options.Models)
        {
            var folder = Directory.CreateTempSubdirectory("pruning-").FullName;
            try
            {
                var model = BenchmarkModels.Prepare(name, folder);
                compress(model, FormatTable.Request(model, DeviceProfile.Cpu, folder) with { Effort = options.Effort });
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Compresses into a folder of its own.</summary>
    public static CompressionResult Compress(CompressionRequest request, string form) =>
        ModelCompressor.Compress(request with { OutputFolder = Path.Combine(request.OutputFolder, form.Replace(':', '-')) }, null, CancellationToken.None);
}
