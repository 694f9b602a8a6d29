namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>A kernel's operator: its spans, parameters and results, and the loop over them in any vector width.</summary>
internal interface ISinglesKernel
{
    /// <summary>Runs once, over everything.</summary>
    void Run<TSingles>()
        where TSingles : struct, ISingles<TSingles>;
}
