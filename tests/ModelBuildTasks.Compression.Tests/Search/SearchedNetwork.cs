using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Search;

/// <summary>A residual network in a folder of its own with pictures that calibrate and others that judge, and the request to find its formats.</summary>
internal sealed class SearchedNetwork : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public SearchedNetwork()
    {
        var network = SampleNetwork.ResNet(1);
        Request = new CompressionRequest
        {
            ModelPath = network.Builder.Save(folder),
            Name = "network",
            OutputFolder = folder.File("out"),
            CacheFolder = folder.File("cache"),
            Quantize = QuantizationMode.Auto,
            Calibration = [Write("calibration.npz", network)],
            Validation = [Write("validation.npz", SampleNetwork.ResNet(2))],
            MaxAccuracyDrop = 1,
            Device = DeviceProfile.Cpu,
        };
    }

    public CompressionRequest Request { get; }

    public string File(string name) => folder.File(name);

    public void Dispose() => folder.Dispose();

    private string Write(string name, SampleNetwork network) =>
        folder.Write(name, Npy.Archive(("image", Npy.Array(network.Samples.SelectMany(sample => sample).ToArray(), [network.Samples.Count, .. network.InputShape[1..]]))));
}
