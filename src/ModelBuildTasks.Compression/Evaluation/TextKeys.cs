using System.Text;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>
/// What the classes of a text recognizer stand for. Class 0 is the blank, class k the k-th line of a file of keys; a class behind the last line is the space, as PaddleOCR's use_space_char adds it.
/// </summary>
internal sealed class TextKeys
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string[] keys;

    private TextKeys(string file, string[] keys)
    {
        File = file;
        this.keys = keys;
    }

    /// <summary>The file they come from.</summary>
    public string File { get; }

    /// <summary>How many lines it has.</summary>
    public int Count => keys.Length;

    /// <summary>Reads a UTF-8 file with a character, or several that are one class, on each line.</summary>
    /// <exception cref="CompressionException">AIM1109: the file cannot be read, is no UTF-8, is empty or has an empty line.</exception>
    public static TextKeys Load(string path)
    {
        var keys = Lines(path);
        return keys.Length == 0 ? throw Invalid(path, "has no line")
            : Array.IndexOf(keys, "") is >= 0 and var empty ? throw Invalid(path, $"has nothing on line {empty + 1}")
            : new TextKeys(path, keys);
    }

    /// <summary>Whether a model with this number of classes can have these keys: with the blank, and with the space or without.</summary>
    public bool Fit(long classes) => classes == Count + 1L || classes == Count + 2L;

    /// <summary>What a class stands for; nothing for the blank.</summary>
    /// <param name="class">From 0 to <see cref="Count"/> + 1.</param>
    public string Of(int @class) => @class == 0 ? "" : @class <= Count ? keys[@class - 1] : " ";

    private static string[] Lines(string path)
    {
        try
        {
            return System.IO.File.ReadAllLines(path, Utf8);
        }
        catch (DecoderFallbackException exception)
        {
            throw Invalid(path, "is not UTF-8", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, $"cannot be read: {exception.Message.ReplaceLineEndings(" ").TrimEnd('.')}", exception);
        }
    }

    private static CompressionException Invalid(string path, string what, Exception? cause = null) => new(
        DiagnosticCodes.KeysInvalid,
        path,
        $"The Keys file '{Path.GetFileName(path)}' {what}. Give the UTF-8 file with one character on each line that the recognizer was trained with.",
        cause);
}
