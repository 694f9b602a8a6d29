using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>A model loaded in ONNX Runtime; one thread at a time may run it.</summary>
internal sealed class ModelSession : IDisposable
{
    public IReadOnlyList<ModelPort> Inputs => throw new NotImplementedException();

    public IReadOnlyList<ModelPort> Outputs => throw new NotImplementedException();

    /// <exception cref="Diagnostics.CompressionException">AIM1007: the runtime refuses the model.</exception>
    public static ModelSession Open(string path, SessionSettings settings) => throw new NotImplementedException();

    /// <summary>Runs the model; the outputs are valid inside <paramref name="read"/> only (they belong to the runtime).</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, also in the middle of the run.</exception>
    public void Run(IReadOnlyDictionary<string, TensorValue> inputs, OutputReader read, CancellationToken cancellationToken) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
