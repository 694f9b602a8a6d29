namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The words for calibration methods in files and keys: those of the CalibrationMethod metadata.</summary>
internal static class CalibrationMethodNames
{
    /// <summary>The word for a method.</summary>
    public static string Of(CalibrationMethod method) => method.ToString().ToLowerInvariant();

    /// <summary>The method of a word, or null.</summary>
    public static CalibrationMethod? Find(string? name) =>
        Enum.GetValues<CalibrationMethod>().Select(method => (CalibrationMethod?)method).FirstOrDefault(method => Of(method!.Value) == name);
}
