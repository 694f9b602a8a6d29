using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>A model loaded in ONNX Runtime; one thread at a time may run it.</summary>
internal sealed class ModelSession : IDisposable
{
    private readonly InferenceSession session;
    private readonly string path;
    private readonly string reportedPath;
    private readonly string[] inputNames;
    private readonly string[] outputNames;
    private readonly string? unreadableInput;
    private readonly int readers;

    private ModelSession(InferenceSession session, string path, string reportedPath, int readers)
    {
        this.readers = readers;
        this.session = session;
        this.path = path;
        this.reportedPath = reportedPath;
        unreadableInput = session.InputNames.FirstOrDefault(name => !IsReadable(session.InputMetadata[name]));
        Inputs = [.. session.InputNames.Where(name => IsReadable(session.InputMetadata[name])).Select(name => Port(name, session.InputMetadata[name]))];
        Outputs = [.. session.OutputNames.Where(name => IsReadable(session.OutputMetadata[name])).Select(name => Port(name, session.OutputMetadata[name]))];
        inputNames = [.. Inputs.Select(port => port.Name)];
        outputNames = [.. Outputs.Select(port => port.Name)];
    }

    /// <summary>The inputs a run must be given, in the model's order; initializers that an input may override are none. Sequences, maps, optionals and strings are left out: such a model opens but cannot be run here.</summary>
    public IReadOnlyList<ModelPort> Inputs { get; }

    /// <summary>The outputs that are numeric tensors, in the model's order; sequences, maps and strings are left out.</summary>
    public IReadOnlyList<ModelPort> Outputs { get; }

    /// <exception cref="CompressionException">AIM1007: the runtime refuses the model.</exception>
    public static ModelSession Open(string path, SessionSettings settings)
    {
        RuntimeEnvironment.Prepare();
        var reportedPath = settings.ReportedPath ?? path;
        InferenceSession? session = null;
        try
        {
            using var options = Options(settings);
            session = new InferenceSession(path, options);
            var opened = new ModelSession(session, path, reportedPath, settings.Readers);
            session = null;
            return opened;
        }
        catch (OnnxRuntimeException exception)
        {
            throw Refused(path, reportedPath, RuntimeMessage.Clean(exception.Message, path), exception);
        }
        finally
        {
            session?.Dispose();
        }
    }

    /// <summary>Runs the model; the outputs are valid inside <paramref name="read"/> only (they belong to the runtime).</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, also in the middle of the run.</exception>
    /// <exception cref="CompressionException">AIM1007: an input is missing or no numeric tensor, or the runtime cannot run the model on these inputs.</exception>
    public void Run(IReadOnlyDictionary<string, TensorValue> inputs, OutputReader read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (unreadableInput is not null)
        {
            throw Refused($"its input '{unreadableInput}' is no numeric tensor");
        }

        var values = new List<NativeInput>(inputNames.Length);
        try
        {
            foreach (var name in inputNames)
            {
                values.Add(new NativeInput(inputs.TryGetValue(name, out var value) ? value : throw Refused($"nothing is given for its input '{name}'")));
            }

            using var outputs = Run([.. values.Select(value => value.Value)], cancellationToken);
            if (readers == 1)
            {
                for (var index = 0; index < outputs.Count; index++)
                {
                    Read(outputs, index, read);
                }
            }
            else
            {
                Parallel.For(0, outputs.Count, new ParallelOptions { MaxDegreeOfParallelism = readers }, index => Read(outputs, index, read));
            }
        }
        catch (OnnxRuntimeException exception)
        {
            // A terminated run reports a failure like any other.
            cancellationToken.ThrowIfCancellationRequested();
            throw Refused(path, reportedPath, RuntimeMessage.Clean(exception.Message, path), exception);
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }
    }

    public void Dispose() => session.Dispose();

    private static void Read(IDisposableReadOnlyCollection<OrtValue> outputs, int index, OutputReader read)
    {
        var description = outputs[index].GetTensorTypeAndShape();
        var bytes = description.ElementCount == 0 ? [] : outputs[index].GetTensorMutableRawData();
        read(index, description.ElementDataType.ToOnnx(), description.Shape, bytes);
    }

    private IDisposableReadOnlyCollection<OrtValue> Run(OrtValue[] values, CancellationToken cancellationToken)
    {
        using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        // Disposed before the options: disposing a registration waits for its callback.
        using var registration = cancellationToken.Register(() => options.Terminate = true);
        return session.Run(options, inputNames, values, outputNames);
    }

    private static SessionOptions Options(SessionSettings settings)
    {
        var options = new SessionOptions
        {
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            InterOpNumThreads = 1,
            EnableMemoryPattern = settings.MemoryPattern,
            IntraOpNumThreads = settings.Threads,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = settings.Optimization switch
            {
                SessionOptimization.None => GraphOptimizationLevel.ORT_DISABLE_ALL,
                SessionOptimization.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
        };
        if (settings.OptimizedModelPath is { } optimizedModelPath)
        {
            options.OptimizedModelFilePath = optimizedModelPath;
        }

        return options;
    }

    private static bool IsReadable(NodeMetadata metadata) => metadata.IsTensor && !metadata.IsString;

    private static ModelPort Port(string name, NodeMetadata metadata) =>
        new(name, metadata.ElementDataType.ToOnnx(), [.. metadata.Dimensions.Select(dimension => (long)dimension)]);

    private CompressionException Refused(string reason) => Refused(path, reportedPath, reason, null);

    private static CompressionException Refused(string path, string reportedPath, string reason, Exception? cause)
    {
        var named = reason.Replace(Path.GetFileName(path), Path.GetFileName(reportedPath), StringComparison.Ordinal);
        return new CompressionException(
            DiagnosticCodes.ModelDoesNotRun,
            reportedPath,
            $"ONNX Runtime cannot run '{Path.GetFileName(reportedPath)}': {named}. Check that the model runs in ONNX Runtime 1.31 before compressing it.",
            cause);
    }
}
