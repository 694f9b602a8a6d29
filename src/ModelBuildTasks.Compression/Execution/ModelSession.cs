using System.Runtime.ExceptionServices;
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
    private readonly string[] outputNames;
    private readonly ModelPort? unknownInput;
    private readonly int readers;

    private ModelSession(InferenceSession session, string path, string reportedPath, int readers)
    {
        this.readers = readers;
        this.session = session;
        this.path = path;
        this.reportedPath = reportedPath;
        var inputs = session.InputNames.Select(name => PortReading.Of(name, session.InputMetadata[name])).ToArray();
        unknownInput = inputs.FirstOrDefault(port => port.Kind is PortKind.Map or PortKind.Other);
        Ports = new ModelPorts(
            [.. inputs.Where(port => port.Kind is PortKind.Tensor or PortKind.Sequence)],
            [.. session.OutputNames.Select(name => PortReading.Of(name, session.OutputMetadata[name])).Where(port => port.Kind != PortKind.Other)]);
        outputNames = [.. Outputs.Select(port => port.Name)];
    }

    /// <summary>The inputs and outputs.</summary>
    public ModelPorts Ports { get; }

    /// <summary>The inputs a run must be given unless they are optional, in the model's order; initializers that an input may override are none. Maps and sparse tensors are left out: such a model opens but cannot be run here.</summary>
    public IReadOnlyList<ModelPort> Inputs => Ports.Inputs;

    /// <summary>The outputs that are read, in the model's order; sparse tensors and sequences of sequences are left out.</summary>
    public IReadOnlyList<ModelPort> Outputs => Ports.Outputs;

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
    /// <exception cref="CompressionException">AIM1007: an input is missing, or a map or a sparse tensor, or the runtime cannot run the model on these inputs.</exception>
    public void Run(IReadOnlyDictionary<string, ModelValue> inputs, OutputReader read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (unknownInput is not null)
        {
            throw Refused($"its input '{unknownInput.Name}' takes {unknownInput.TypeText}, which no data gives");
        }

        var values = new List<NativeInput>(Inputs.Count);
        try
        {
            string[] names = [.. Inputs.Where(port => !port.IsOptional || inputs.ContainsKey(port.Name)).Select(port => port.Name)];
            foreach (var name in names)
            {
                values.Add(NativeInput.Of(inputs.TryGetValue(name, out var value) ? value : throw Refused($"nothing is given for its input '{name}'")));
            }

            using var outputs = Run(names, [.. values.Select(value => value.Value)], cancellationToken);
            if (readers == 1)
            {
                for (var index = 0; index < outputs.Count; index++)
                {
                    NativeOutput.Read(index, outputs[index], read);
                }
            }
            else
            {
                ReadInParallel(outputs, read);
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

    private void ReadInParallel(IDisposableReadOnlyCollection<OrtValue> outputs, OutputReader read)
    {
        try
        {
            Parallel.For(0, outputs.Count, new ParallelOptions { MaxDegreeOfParallelism = readers }, index => NativeOutput.Read(index, outputs[index], read));
        }
        catch (AggregateException exception)
        {
            // What one thread would have thrown.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    private IDisposableReadOnlyCollection<OrtValue> Run(string[] names, OrtValue[] values, CancellationToken cancellationToken)
    {
        using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        // Disposed before the options: disposing a registration waits for its callback.
        using var registration = cancellationToken.Register(() => options.Terminate = true);
        return session.Run(options, names, values, outputNames);
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
                SessionOptimization.Extended => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
        };
        if (!settings.PackWeights)
        {
            options.AddSessionConfigEntry("session.disable_prepacking", "1");
        }

        if (settings.PreciseProducts && !HostProcessor.AddsProductsExactly)
        {
            options.AddSessionConfigEntry("session.x64quantprecision", "1");
        }

        if (settings.SignedActivations)
        {
            options.AddSessionConfigEntry("session.qdqisint8allowed", "1");
        }

        if (!settings.IntegerOperators)
        {
            options.AddSessionConfigEntry("session.disable_quant_qdq", "1");
        }

        if (!settings.ConstantFolding)
        {
            options.AddSessionConfigEntry("optimization.disable_specified_optimizers", "ConstantFolding");
        }

        if (settings.OptimizedModelPath is { } optimizedModelPath)
        {
            options.OptimizedModelFilePath = optimizedModelPath;
            if (settings.SavesOrtFormat)
            {
                options.AddSessionConfigEntry("session.save_model_format", "ORT");
            }
        }

        return options;
    }

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
