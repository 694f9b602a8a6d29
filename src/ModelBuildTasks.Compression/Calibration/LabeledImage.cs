namespace ModelBuildTasks.Compression.Calibration;

/// <summary>An image file and its true class, where the folder tells it.</summary>
internal readonly record struct LabeledImage(string Path, int? Label);
