using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Corpus.Tests.Models;

/// <summary>Silero VAD as an application uses it: window after window, the two states of its LSTM carried over.</summary>
internal sealed class VoiceDetector : IDisposable
{
    private readonly ModelSession session;
    private readonly TensorValue sampleRate;
    private TensorValue hidden = Tensor([2, 1, 64], new float[128]);
    private TensorValue cell = Tensor([2, 1, 64], new float[128]);

    public VoiceDetector(string path, int sampleRate)
    {
        session = ModelSession.Open(path, new SessionSettings());
        this.sampleRate = new TensorValue(DataType.Int64, [], BitConverter.GetBytes((long)sampleRate));
    }

    public void Dispose() => session.Dispose();

    /// <summary>The probability that somebody speaks in the window.</summary>
    public float Hear(float[] window)
    {
        var inputs = new Dictionary<string, ModelValue> { ["input"] = Tensor([1, window.Length], window), ["sr"] = sampleRate, ["h"] = hidden, ["c"] = cell };
        var probability = float.NaN;
        session.Run(inputs, Read, CancellationToken.None);
        return probability;

        void Read(int index, DataType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes)
        {
            switch (session.Outputs[index].Name)
            {
                case "output":
                    probability = MemoryMarshal.Read<float>(bytes);
                    break;
                case "hn":
                    hidden = new TensorValue(type, shape.ToArray(), bytes.ToArray());
                    break;
                case "cn":
                    cell = new TensorValue(type, shape.ToArray(), bytes.ToArray());
                    break;
            }
        }
    }

    private static TensorValue Tensor(long[] shape, float[] values) => new(DataType.Float, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
