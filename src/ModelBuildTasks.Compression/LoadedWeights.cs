using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression;

/// <summary>
/// How many bytes the weights of a model take once ONNX Runtime has loaded it. It folds at load what restores weights, so that bytes in the file may be floats in memory. The runtime itself is asked, at its extended level, which is the same on every processor;
/// what the level above adds, weights in the order that suits the processor, is not counted.
/// </summary>
internal static class LoadedWeights
{
    // Beyond it the answer would take longer than it is worth.
    private const long Largest = 1 << 30;

    /// <summary>Counts them; null where that would take long, or the runtime does not save what it holds.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">Its file, which the runtime loads: .onnx or .ort.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="work">A folder for files that go afterwards.</param>
    public static long? Count(OnnxModel model, string path, CompressionRequest request, WorkFolder work)
    {
        if (request.ComputesInFloat16)
        {
            // The processor of the build host would hold floats, which its device does not.
            return Bytes(model);
        }

        // At most, every element becomes a float.
        if (MessageTree.Tensors(model.Proto).Sum(tensor => Math.Max(tensor.SizeInBytes(), tensor.ElementCount() * sizeof(float))) > Largest)
        {
            return null;
        }

        var loaded = Path.Combine(work.Path, "loaded.onnx");
        try
        {
            ModelSession.Open(path, new SessionSettings
            {
                Optimization = SessionOptimization.Extended,
                OptimizedModelPath = loaded,
                PackWeights = false,
                SignedActivations = request.Device.Activations == NumericFormat.Int8,
            }).Dispose();
            using var held = OnnxModel.Load(loaded);
            return Bytes(held);
        }
        catch (CompressionException)
        {
            // A number for the report is no reason to fail.
            return null;
        }
        finally
        {
            File.Delete(loaded);
        }
    }

    private static long Bytes(OnnxModel model) => MessageTree.Tensors(model.Proto).Sum(tensor => tensor.SizeInBytes());
}
