using System.Numerics;
using SkiaSharp;

namespace ModelBuildTasks.Corpus.Tests.Text;

/// <summary>
/// Lines of text whose text is known, as PP-OCR gives them to its recognizer: 48 high, 320 wide, (value/255 − 0.5) / 0.5, 0 right of the line. Faces, sizes, colours, slant, blur and noise differ, and some lines are
/// hard to read, so that a recognizer that reads worse shows it. The same seed is the same line (of the same fonts).
/// </summary>
internal static class LabelledLines
{
    /// <summary>The height of a picture.</summary>
    public const int Height = 48;

    /// <summary>The width of a picture.</summary>
    public const int Width = 320;

    private static readonly Vector3 Half = new(0.5f);

    /// <summary>The lines of consecutive seeds.</summary>
    public static IEnumerable<LabelledLine> Render(int firstSeed, int count) => Enumerable.Range(firstSeed, count).Select(seed => Render(seed));

    /// <summary>The line of a seed.</summary>
    public static LabelledLine Render(int seed)
    {
        var random = new Random(seed);
        var text = LineText.Make(random, random.Next(8, 26));
        using var font = new SKFont(Typefaces.All[random.Next(Typefaces.All.Count)], random.Next(21, 37))
        {
            Edging = SKFontEdging.Antialias,
            SkewX = random.Next(3) == 0 ? Between(random, -0.3f, 0.15f) : 0,
            ScaleX = Between(random, 0.8f, 1.1f),
        };
        var left = Between(random, 2, 7);
        var right = Between(random, 2, 7);
        font.ScaleX *= Math.Min(1, (Width - left - right) / font.MeasureText(text));
        using var line = Draw(random, text, font, left, (int)Math.Ceiling(Math.Min(Width, left + font.MeasureText(text) + right)));
        return new LabelledLine(Padded(RenderedText.Tensor(line, random, random.Next(4, 50), Half, Half), line.Width), text);
    }

    private static SKBitmap Draw(Random random, string text, SKFont font, float left, int width)
    {
        var isDark = random.Next(3) == 0;
        var paper = random.Next(isDark ? 20 : 130, isDark ? 100 : 246);
        // The ink is darker than light paper and lighter than dark paper, by little in some lines.
        var contrast = random.Next(48, 190);
        var ink = Math.Clamp(isDark ? paper + contrast : paper - contrast, 0, 255);
        var bitmap = new SKBitmap(width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(RenderedText.Shade(random, paper, paper + 12));
        var blur = random.Next(2) == 0 ? Between(random, 0.3f, 1.7f) : 0;
        using var filter = blur > 0 ? SKImageFilter.CreateBlur(blur, blur) : null;
        using var paint = new SKPaint { IsAntialias = true, Color = RenderedText.Shade(random, ink, ink + 12), ImageFilter = filter };
        canvas.RotateDegrees(Between(random, -1.5f, 1.5f), width / 2f, Height / 2f);
        // The middle between the lines of capitals and of descenders, near the picture's own middle.
        canvas.DrawText(text, left, (Height / 2f) + (font.Size * 0.33f) + Between(random, -3, 3), SKTextAlign.Left, font, paint);
        canvas.Flush();
        return bitmap;
    }

    private static float[] Padded(float[] tensor, int width)
    {
        var padded = new float[3 * Height * Width];
        for (var row = 0; row < 3 * Height; row++)
        {
            tensor.AsSpan(row * width, width).CopyTo(padded.AsSpan(row * Width));
        }

        return padded;
    }

    private static float Between(Random random, float from, float to) => from + (random.NextSingle() * (to - from));
}
