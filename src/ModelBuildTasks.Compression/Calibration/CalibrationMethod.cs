namespace ModelBuildTasks.Compression.Calibration;

/// <summary>How the range of an activation is told from what it was on the calibration samples.</summary>
public enum CalibrationMethod
{
    /// <summary>For each tensor: the range of least mean squared error where that clearly gains over the observed one, else the observed one.</summary>
    Auto,

    /// <summary>The least and the greatest value observed: nothing is clipped.</summary>
    MinMax,

    /// <summary>What holds 99.99 % of the values that are not zero.</summary>
    Percentile,

    /// <summary>The clipping threshold with the least Kullback-Leibler divergence between the values and their 8-bit form.</summary>
    Entropy,

    /// <summary>The range with the least mean squared error of the 8-bit form.</summary>
    Mse,
}
