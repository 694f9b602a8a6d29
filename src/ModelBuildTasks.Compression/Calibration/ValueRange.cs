namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The least and the greatest value an activation takes on the calibration samples.</summary>
internal readonly record struct ValueRange(float Minimum, float Maximum);
