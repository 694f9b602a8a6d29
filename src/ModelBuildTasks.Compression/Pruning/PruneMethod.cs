namespace ModelBuildTasks.Compression.Pruning;

/// <summary>How it is decided what a model can do without.</summary>
public enum PruneMethod
{
    /// <summary><see cref="Obs"/> where calibration samples may decide bytes, else <see cref="Magnitude"/>.</summary>
    Auto,

    /// <summary>The smallest weights become zero.</summary>
    Magnitude,

    /// <summary>Optimal brain surgeon: the weights whose loss can best be made up for become zero, and those that stay make up for it. Second order, from the calibration set.</summary>
    Obs,

    /// <summary>Optimal brain damage: its diagonal. The weights that do least to their layer's output on the calibration set become zero, and no other changes.</summary>
    Obd,

    /// <summary>Whole channels go, so that tensors and the time of a run become smaller.</summary>
    Structured,

    /// <summary>Whole residual blocks or transformer layers go.</summary>
    Layers,
}
