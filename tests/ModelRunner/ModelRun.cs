using Microsoft.ML.OnnxRuntime;

namespace ModelRunner;

/// <summary>Runs a model on raw tensors that lie beside it, once for each set of them.</summary>
internal static class ModelRun
{
    public static void Execute(string model)
    {
        using var settings = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(model, settings);
        for (var run = 0; File.Exists(TensorPath(model, run, session.InputNames[0])); run++)
        {
            Execute(session, model, run);
        }
    }

    private static void Execute(InferenceSession session, string model, int run)
    {
        var inputs = session.InputNames.Select(name => Read(TensorPath(model, run, name), session.InputMetadata[name])).ToList();
        using var options = new RunOptions();
        using var outputs = session.Run(options, session.InputNames, inputs, session.OutputNames);
        foreach (var (name, output) in session.OutputNames.Zip(outputs))
        {
            File.WriteAllBytes(TensorPath(model, run, name), output.GetTensorMutableRawData());
        }

        inputs.ForEach(input => input.Dispose());
    }

    private static string TensorPath(string model, int run, string name) => Path.ChangeExtension(model, $"{run}.{name}.bin");

    /// <summary>A tensor of the declared shape, which is fixed.</summary>
    private static OrtValue Read(string path, NodeMetadata declared)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, declared.ElementDataType, Array.ConvertAll(declared.Dimensions, dimension => (long)dimension));
        File.ReadAllBytes(path).CopyTo(value.GetTensorMutableRawData());
        return value;
    }
}
