namespace ModelBuildTasks.Compression.Execution;

/// <summary>ONNX Runtime's graph optimization levels that this product uses.</summary>
internal enum SessionOptimization
{
    /// <summary>The graph runs as it is written.</summary>
    None,

    /// <summary>Constant folding and fusions that stay within portable ONNX operators.</summary>
    Basic,

    /// <summary>What an application gets by default.</summary>
    All,
}
