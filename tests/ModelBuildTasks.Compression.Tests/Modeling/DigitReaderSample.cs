namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>The files of the sample that reads digits: a real network and real digits.</summary>
internal static class DigitReaderSample
{
    public static string Model => File("models", "digits.onnx");

    public static string Calibration => File("data", "digits.calibration.npz");

    public static string Test => File("data", "digits.test.npz");

    private static string File(string folder, string name)
    {
        var repository = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(repository.FullName, "global.json")))
        {
            repository = repository.Parent!;
        }

        return Path.Combine(repository.FullName, "samples", "DigitReader", folder, name);
    }
}
