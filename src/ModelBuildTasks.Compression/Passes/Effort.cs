namespace ModelBuildTasks.Compression.Passes;

/// <summary>How long the better methods may take. What they do is bounded by counted work and not by time, so that a machine decides no byte.</summary>
public enum Effort
{
    /// <summary>Every weight is rounded to its nearest value, and ranges of activations are those of the calibration.</summary>
    Fast,

    /// <summary>Second-order rounding from the calibration samples, in some seconds for models of phones.</summary>
    Balanced,

    /// <summary>The same with more samples and in smaller steps, and a search of activation ranges.</summary>
    Best,
}
