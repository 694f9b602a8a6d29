namespace ModelBuildTasks.Compression.Search;

/// <summary>What <see cref="Quantization.QuantizationMode.Auto"/> minimises among the assignments with which the accuracy holds.</summary>
public enum OptimizationGoal
{
    /// <summary>The time of a run, as the device's cost table has it.</summary>
    Latency,

    /// <summary>The bytes of the file.</summary>
    Size,
}
