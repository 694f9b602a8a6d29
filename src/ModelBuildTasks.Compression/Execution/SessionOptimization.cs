namespace ModelBuildTasks.Compression.Execution;

/// <summary>ONNX Runtime's graph optimization levels that this product uses.</summary>
internal enum SessionOptimization
{
    /// <summary>The graph runs as it is written.</summary>
    None,

    /// <summary>Constant folding and fusions that stay within portable ONNX operators.</summary>
    Basic,

    /// <summary>Also fusions into the runtime's own operators, the integer ones among them; the same on every processor, unlike what <see cref="All"/> adds.</summary>
    Extended,

    /// <summary>What an application gets by default.</summary>
    All,
}
