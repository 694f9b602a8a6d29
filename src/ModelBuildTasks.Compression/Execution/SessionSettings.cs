namespace ModelBuildTasks.Compression.Execution;

/// <summary>How ONNX Runtime opens a model.</summary>
internal sealed record SessionSettings
{
    /// <summary>To see that the runtime takes a model, and what it wants: nothing is computed, and weights in other files are mapped and not touched.</summary>
    public static SessionSettings OnlyLoad { get; } = new() { Optimization = SessionOptimization.None, PackWeights = false };

    /// <summary>Threads inside one operator.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Threads that read the outputs of a run, each one output at a time. With more than one, the reader of a run is called by several at once.</summary>
    public int Readers { get; init; } = 1;

    /// <summary>Whether graph optimizations run: off to observe a graph as it is written, on to measure it as users run it.</summary>
    public SessionOptimization Optimization { get; init; } = SessionOptimization.All;

    /// <summary>Whether weights are copied into the order in which the processor reads them fastest.</summary>
    public bool PackWeights { get; init; } = true;

    /// <summary>Whether activations in signed bytes stay signed, as in the runtime's builds for ARM; on x64 it rewrites them to unsigned ones otherwise, which are faster there.</summary>
    public bool SignedActivations { get; init; }

    /// <summary>
    /// Whether the runtime takes one block for all values of inputs whose shapes it has met before. Off where a run is known to keep most of its values: the block would come on top of the memory of the runs before.
    /// </summary>
    public bool MemoryPattern { get; init; } = true;

    /// <summary>
    /// Whether products of bytes are added without saturation on an x64 processor without VNNI (slower): for models whose weights use the full range, which are made for processors that do not saturate. No effect elsewhere.
    /// </summary>
    public bool PreciseProducts { get; init; }

    /// <summary>Whether operators between DequantizeLinear and QuantizeLinear become integer operators. Off where scales are inputs: all is computed in float then, and what a DequantizeLinear restores from constants is restored once.</summary>
    public bool IntegerOperators { get; init; } = true;

    /// <summary>Where to save the optimized model, or null.</summary>
    public string? OptimizedModelPath { get; init; }

    /// <summary>Whether the optimized model is saved in ONNX Runtime's own format (.ort) and not as an .onnx file.</summary>
    public bool SavesOrtFormat { get; init; }

    /// <summary>Whether what is computed from constants alone becomes a constant when the model is opened. Off where a saved model shall keep its weights as bytes.</summary>
    public bool ConstantFolding { get; init; } = true;

    /// <summary>The file that errors are about where the opened one is only a temporary copy of it; null is the opened one.</summary>
    public string? ReportedPath { get; init; }
}
