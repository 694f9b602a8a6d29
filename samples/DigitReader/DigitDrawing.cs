using System.Text;

namespace DigitReader;

/// <summary>Draws a digit as text, two pixel rows a line; rows without ink above and below are left out.</summary>
/// <param name="blocks">Half blocks; without, plain ASCII for files, pipes and terminals that show no Unicode.</param>
internal sealed class DigitDrawing(bool blocks)
{
    private const string Shades = " .:-=+*#%@";
    private const float Inked = 0.4f;

    public static DigitDrawing ForConsole() =>
        new(!Console.IsOutputRedirected && Console.OutputEncoding.CodePage == Encoding.UTF8.CodePage);

    public string Draw(DigitPicture picture)
    {
        var lines = Enumerable.Range(0, DigitPicture.Size / 2).Select(line => Line(picture.Pixels, line * 2)).ToList();
        var first = lines.FindIndex(line => line.Length > 0);
        var last = lines.FindLastIndex(line => line.Length > 0);
        return first < 0 ? "" : string.Join(Environment.NewLine, lines[first..(last + 1)]);
    }

    private string Line(float[] pixels, int row)
    {
        var line = new StringBuilder(DigitPicture.Size);
        for (var x = 0; x < DigitPicture.Size; x++)
        {
            var upper = pixels[(row * DigitPicture.Size) + x];
            var lower = pixels[((row + 1) * DigitPicture.Size) + x];
            line.Append(blocks ? Block(upper > Inked, lower > Inked) : Shade((upper + lower) / 2));
        }

        return line.ToString().TrimEnd();
    }

    private static char Block(bool upper, bool lower) => (upper, lower) switch
    {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };

    private static char Shade(float ink) => Shades[(int)MathF.Round(ink * (Shades.Length - 1))];
}
