namespace DigitReader;

/// <summary>A file that holds no picture of a digit. The message is one line: the file, what is wrong, what is expected.</summary>
internal sealed class UnreadablePictureException(string path, string problem, Exception? cause = null)
    : Exception($"{path}: {problem}; expected a PNG picture of one digit.", cause);
