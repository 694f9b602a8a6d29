using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>A model of two layers with calibration data in a folder of its own, and the request to compress it.</summary>
internal sealed class SmallJob : IDisposable
{
    private const int Inputs = 64;
    private const int Hidden = 64;
    private const int Classes = 8;
    private readonly TemporaryFolder folder = new();

    public SmallJob()
    {
        ModelPath = WriteModel("model.onnx", seed: 1);
        DataPath = WriteData("data.npz", samples: 40, seed: 2);
    }

    public string ModelPath { get; }

    public string DataPath { get; }

    public string Output => folder.File("out");

    public CompressionRequest Request => new()
    {
        ModelPath = ModelPath,
        Name = "model",
        OutputFolder = Output,
        CacheFolder = folder.File("cache"),
        Quantize = QuantizationMode.Int8,
        Calibration = [DataPath],
        // So small that nothing would be faster on bytes.
        Device = DeviceProfiles.WithoutCosts,
    };

    public string File(string name) => folder.File(name);

    public string WriteModel(string name, int seed)
    {
        var random = new Random(seed);
        return ModelBuilder.Create()
            .Input("x", DataType.Float, "batch", Inputs)
            .Constant("w1", Numbers(random, Hidden * Inputs), Hidden, Inputs)
            .Constant("b1", Numbers(random, Hidden), Hidden)
            .Constant("w2", Numbers(random, Classes * Hidden), Classes, Hidden)
            .Node("Gemm", ["x", "w1", "b1"], ["h"], ("transB", 1))
            .Node("Relu", ["h"], ["r"])
            .Node("Gemm", ["r", "w2"], ["y"], ("transB", 1))
            .Output("y", DataType.Float, "batch", Classes)
            .Save(folder, name);
    }

    public string WriteData(string name, int samples, int seed)
    {
        var random = new Random(seed);
        return folder.Write(name, Npy.Archive(("x", Npy.Array(Numbers(random, samples * Inputs), samples, Inputs))));
    }

    /// <summary>Writes a folder with the model's input as ONNX test data.</summary>
    public string WriteTestData(string name, int batch, int seed) =>
        folder.Write($"{name}/input_0.pb", TensorValues.Create("x", Numbers(new Random(seed), batch * Inputs), batch, Inputs).ToByteArray());

    /// <summary>Writes what the model's output should be, beside its input.</summary>
    public string WriteExpected(string name, params float[] values) =>
        folder.Write($"{name}/output_0.pb", TensorValues.Create("y", values, values.Length / Classes, Classes).ToByteArray());

    public void Dispose() => folder.Dispose();

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
}
