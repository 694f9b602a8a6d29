using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Calibration;

/// <summary>What the tests of sample sets share.</summary>
internal static class Samples
{
    public static ModelPort Port(string name, params long[] shape) => new(name, DataType.Float, shape);

    /// <summary>A model of these inputs without outputs: no input can be a state.</summary>
    public static ModelPorts Ports(params ModelPort[] inputs) => new(inputs, []);

    public static SampleSet Open(string path, params ModelPort[] inputs) => SampleSet.Open([path], Ports(inputs), new ImageOptions());

    public static List<Sample> All(this SampleSet set) => [.. set.Read(Enumerable.Range(0, set.Count))];

    /// <summary>An input of a sample that is a tensor of numbers.</summary>
    public static TensorValue Tensor(this Sample sample, string input = "x") => (TensorValue)sample.Inputs[input];

    /// <summary>The elements of an input of a sample.</summary>
    public static T[] Values<T>(this Sample sample, string input = "x")
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(sample.Tensor(input).Bytes.Span).ToArray();

    public static void Refused(string code, string file, string part, Action action)
    {
        var exception = Assert.ThrowsExactly<CompressionException>(action);
        Assert.AreEqual(code, exception.Code, exception.Message);
        Assert.AreEqual(file, exception.File);
        Assert.Contains(part, exception.Message);
        Assert.Contains(Path.GetFileName(file), exception.Message);
        Assert.DoesNotContain("\n", exception.Message);
    }
}
