using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace Benchmarks.Kernels;

/// <summary>ONNX Runtime's MatMul of two inputs, left [width, count] and right [count, width], into memory that exists.</summary>
internal sealed class RuntimeProduct : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions options = new();
    private readonly OrtValue[] inputs;
    private readonly OrtValue[] outputs;

    /// <param name="left">[width, count]</param>
    /// <param name="right">[count, width]</param>
    /// <param name="width">Rows and columns of the product.</param>
    /// <param name="count">What is summed over.</param>
    /// <param name="threads">Threads inside the operator. They do not wait in a loop for the next run, where they would slow what is measured in turns.</param>
    public RuntimeProduct(float[] left, float[] right, int width, int count, int threads)
    {
        RuntimeEnvironment.Prepare();
        using var sessionOptions = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        sessionOptions.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        session = new InferenceSession(Model(width, count), sessionOptions);
        inputs = [OrtValue.CreateTensorValueFromMemory(left, [width, count]), OrtValue.CreateTensorValueFromMemory(right, [count, width])];
        outputs = [OrtValue.CreateTensorValueFromMemory(new float[width * width], [width, width])];
    }

    public void Run() => session.Run(options, ["left", "right"], inputs, ["product"], outputs);

    public void Dispose()
    {
        foreach (var value in inputs.Concat(outputs))
        {
            value.Dispose();
        }

        options.Dispose();
        session.Dispose();
    }

    private static byte[] Model(int width, int count)
    {
        var graph = new GraphProto { Name = "product" };
        graph.Node.Add(NewNode.Of("MatMul", ["left", "right"], "product"));
        graph.Input.Add([Port("left", width, count), Port("right", count, width)]);
        graph.Output.Add(Port("product", width, width));
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        return model.ToByteArray();
    }

    private static ValueInfoProto Port(string name, int rows, int columns)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add([new TensorShapeProto.Types.Dimension { DimValue = rows }, new TensorShapeProto.Types.Dimension { DimValue = columns }]);
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape } } };
    }
}
