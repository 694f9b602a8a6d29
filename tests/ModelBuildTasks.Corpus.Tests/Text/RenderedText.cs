using System.Numerics;
using SkiaSharp;

namespace ModelBuildTasks.Corpus.Tests.Text;

/// <summary>
/// Pictures of text as the PP-OCR models want them: [3, height, width], blue, green, red. The same seed is the same picture (of the same fonts); different seeds share no line.
/// </summary>
internal static class RenderedText
{
    private const int LineHeight = 48;

    // PP-OCR's detector subtracts and divides by these in the order in which it holds the channels, which is OpenCV's: blue first.
    private static readonly Vector3 DetectorMean = new(0.485f, 0.456f, 0.406f);
    private static readonly Vector3 DetectorDeviation = new(0.229f, 0.224f, 0.225f);

    /// <summary>Words that pictures are made of.</summary>
    public static readonly string[] Words =
    [
        "the", "of", "and", "invoice", "total", "amount", "due", "Friday", "report", "number", "street", "station", "payment", "received", "order", "delivery", "please", "contact", "office", "account",
        "quantity", "price", "description", "January", "October", "signature", "reference", "customer", "department", "manager", "meeting", "budget", "annual", "water", "energy", "system", "engine", "north",
        "south", "Berlin", "Lisbon", "Kyoto", "Prague", "coffee", "bread", "paper", "machine", "window", "garden", "bridge", "summer", "winter", "morning", "evening", "question", "answer", "because", "through",
        "between", "without", "MODEL", "BUILD", "TOTAL", "EXIT", "OPEN", "CLOSED", "No.", "Ltd.", "e-mail", "www", "page", "chapter", "figure", "table", "(see", "below)", "100%", "A4", "km/h", "$", "&",
    ];

    /// <summary>A page with a heading, paragraphs, a table and a slanted note, for the detector.</summary>
    /// <returns>3 · height · width values, normalized with the mean and the deviation of ImageNet.</returns>
    public static float[] Page(int seed, int height, int width)
    {
        var random = new Random(seed);
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        var isDark = random.Next(8) == 0;
        var paper = isDark ? Shade(random, 10, 60) : Shade(random, 205, 256);
        canvas.Clear(paper);
        DrawShadow(canvas, random, width, height);
        var baseline = 0f;
        while (baseline < height)
        {
            var size = random.Next(6) == 0 ? random.Next(26, 46) : random.Next(11, 22);
            using var font = Font(random, size);
            using var ink = new SKPaint { IsAntialias = true, Color = isDark ? Shade(random, 180, 256) : Shade(random, 0, 90) };
            for (var lines = random.Next(1, 6); lines > 0 && baseline < height; lines--)
            {
                baseline += size * 1.5f;
                DrawRow(canvas, random, font, ink, random.Next(8, 40), baseline, width - random.Next(8, width / 3));
            }

            baseline += random.Next(4, 24);
        }

        if (random.Next(2) == 0)
        {
            DrawSlantedNote(canvas, random, width, height);
        }

        return Tensor(bitmap, random, noise: 6, DetectorMean, DetectorDeviation);
    }

    /// <summary>One line of text that fills the picture's height, for the recognizer: 48 high, cut off or padded to the width.</summary>
    /// <returns>3 · 48 · width values from −1 to 1.</returns>
    public static float[] Line(int seed, int width)
    {
        var random = new Random(seed);
        using var bitmap = LineOf(random, width);
        return Tensor(bitmap, random, noise: 6, new Vector3(0.5f), new Vector3(0.5f));
    }

    /// <summary>A line that stands on its head in half of the pictures, for the classifier of directions.</summary>
    /// <returns>3 · 48 · width values from −1 to 1.</returns>
    public static float[] TurnedLine(int seed, int width)
    {
        var random = new Random(seed);
        using var line = LineOf(random, width);
        using var turned = new SKBitmap(line.Info);
        using var canvas = new SKCanvas(turned);
        if (random.Next(2) == 0)
        {
            canvas.RotateDegrees(180, width / 2f, LineHeight / 2f);
        }

        canvas.DrawBitmap(line, 0, 0);
        canvas.Flush();
        return Tensor(turned, random, noise: 6, new Vector3(0.5f), new Vector3(0.5f));
    }

    /// <summary>The picture that a PP-OCR model with inputs of this size reads: 48 high are lines (192 wide: of either direction), others are pages.</summary>
    public static float[] For(int seed, int height, int width) => height != LineHeight ? Page(seed, height, width) : width == 192 ? TurnedLine(seed, width) : Line(seed, width);

    private static SKBitmap LineOf(Random random, int width)
    {
        var bitmap = new SKBitmap(width, LineHeight, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        var isDark = random.Next(6) == 0;
        canvas.Clear(isDark ? Shade(random, 0, 70) : Shade(random, 190, 256));
        using var font = Font(random, random.Next(26, 36));
        using var ink = new SKPaint { IsAntialias = true, Color = isDark ? Shade(random, 170, 256) : Shade(random, 0, 100) };
        DrawRow(canvas, random, font, ink, random.Next(2, 12), random.Next(33, 38), width - random.Next(2, 40));
        canvas.Flush();
        return bitmap;
    }

    private static SKFont Font(Random random, float size) => new(Typefaces.All[random.Next(Typefaces.All.Count)], size) { Edging = SKFontEdging.Antialias };

    /// <summary>A colour whose channels are near one level.</summary>
    public static SKColor Shade(Random random, int from, int to)
    {
        var (level, tint) = (random.Next(from, to), Math.Min(24, to - from));
        byte Channel() => (byte)Math.Clamp(level + random.Next(-tint, tint + 1), 0, 255);
        return new SKColor(Channel(), Channel(), Channel());
    }

    private static void DrawRow(SKCanvas canvas, Random random, SKFont font, SKPaint ink, float x, float baseline, float end)
    {
        while (x < end)
        {
            var word = random.Next(5) == 0 ? random.Next(10_000).ToString(System.Globalization.CultureInfo.InvariantCulture) : Words[random.Next(Words.Length)];
            var width = font.MeasureText(word);
            if (x + width > end)
            {
                return;
            }

            canvas.DrawText(word, x, baseline, SKTextAlign.Left, font, ink);
            x += width + (font.Size * (0.25f + (random.Next(12) == 0 ? 2 : 0)));
        }
    }

    private static void DrawShadow(SKCanvas canvas, Random random, int width, int height)
    {
        var colors = new[] { new SKColor(0, 0, 0, (byte)random.Next(40)), SKColors.Transparent };
        using var gradient = SKShader.CreateLinearGradient(new SKPoint(0, 0), new SKPoint(random.Next(width), random.Next(height)), colors, SKShaderTileMode.Clamp);
        using var paint = new SKPaint { Shader = gradient };
        canvas.DrawRect(0, 0, width, height, paint);
    }

    private static void DrawSlantedNote(SKCanvas canvas, Random random, int width, int height)
    {
        using var font = Font(random, random.Next(16, 30));
        using var ink = new SKPaint { IsAntialias = true, Color = Shade(random, 0, 120) };
        using var note = new SKPaint { Color = Shade(random, 190, 256) };
        canvas.Save();
        canvas.Translate(random.Next(width / 2), random.Next(height / 4, height));
        canvas.RotateDegrees(random.Next(-25, 26));
        canvas.DrawRect(-10, -font.Size * 1.3f, width / 2f, font.Size * 3.2f, note);
        DrawRow(canvas, random, font, ink, 0, 0, (width / 2f) - 20);
        DrawRow(canvas, random, font, ink, 0, font.Size * 1.4f, (width / 2f) - 20);
        canvas.Restore();
    }

    /// <summary>The pixels as [3, height, width], blue, green, red, with noise, normalized.</summary>
    public static float[] Tensor(SKBitmap bitmap, Random random, int noise, Vector3 mean, Vector3 deviation)
    {
        var plane = bitmap.Width * bitmap.Height;
        var tensor = new float[3 * plane];
        var pixels = bitmap.GetPixelSpan();
        for (var pixel = 0; pixel < plane; pixel++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                // A camera's noise: rendered paper would be one value.
                var level = Math.Clamp(pixels[(4 * pixel) + 2 - channel] + random.Next(-noise, noise + 1), 0, 255);
                tensor[(channel * plane) + pixel] = ((level / 255f) - mean[channel]) / deviation[channel];
            }
        }

        return tensor;
    }
}
