namespace ModelBuildTasks.Compression.Calibration;

/// <summary>An image file and its true class or the text it shows, where the folder tells either.</summary>
internal readonly record struct LabeledImage(string Path, int? Label, string? Text = null);
