using DigitReader;

Console.WriteLine(AiModels.Digits.Summary);

var paths = args.Length > 0
    ? args
    : [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "digits"), "*.png").Order(StringComparer.Ordinal)];

using var classifier = new DigitClassifier(AiModels.Digits.CreateSession());
var drawing = DigitDrawing.ForConsole();
var exitCode = 0;
foreach (var path in paths)
{
    try
    {
        var picture = DigitPicture.Load(path);
        var reading = classifier.Read(picture);
        Console.WriteLine();
        Console.WriteLine(drawing.Draw(picture));
        Console.WriteLine($"{Path.GetFileName(path)}: {reading.Digit} ({reading.Confidence:P1})");
    }
    catch (UnreadablePictureException exception)
    {
        Console.Error.WriteLine(exception.Message);
        exitCode = 1;
    }
}

return exitCode;
