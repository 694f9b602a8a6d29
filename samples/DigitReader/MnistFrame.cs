namespace DigitReader;

/// <summary>
/// Frames a digit as the MNIST database does (LeCun, Cortes and Burges): scaled to fit 20 × 20 pixels with its proportions kept,
/// and laid into 28 × 28 so that the center of mass is in the middle.
/// </summary>
internal static class MnistFrame
{
    private const int Box = 20;
    private const int Size = DigitPicture.Size;

    public static float[] Place(Ink digit)
    {
        var scale = (double)Box / Math.Max(digit.Width, digit.Height);
        var width = Math.Max(1, (int)Math.Round(digit.Width * scale));
        var height = Math.Max(1, (int)Math.Round(digit.Height * scale));
        var fitted = Strengthened(Resized(digit, width, height));

        var (left, top) = Centered(fitted);
        var frame = new float[Size * Size];
        for (var y = 0; y < height; y++)
        {
            Array.Copy(fitted.Values, y * width, frame, ((top + y) * Size) + left, width);
        }

        return frame;
    }

    /// <summary>Every new pixel is the mean of the area it covers.</summary>
    private static Ink Resized(Ink source, int width, int height)
    {
        var values = new float[width * height];
        var (stepX, stepY) = ((double)source.Width / width, (double)source.Height / height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                values[(y * width) + x] = (float)(Sum(source, x * stepX, (x + 1) * stepX, y * stepY, (y + 1) * stepY) / (stepX * stepY));
            }
        }

        return new Ink(width, height, values);
    }

    private static double Sum(Ink source, double left, double right, double top, double bottom)
    {
        var sum = 0d;
        for (var y = (int)top; y < source.Height && y < bottom; y++)
        {
            var covered = Math.Min(y + 1, bottom) - Math.Max(y, top);
            for (var x = (int)left; x < source.Width && x < right; x++)
            {
                sum += source.Values[(y * source.Width) + x] * covered * (Math.Min(x + 1, right) - Math.Max(x, left));
            }
        }

        return sum;
    }

    /// <summary>Thin strokes fade when they shrink; the strongest becomes full ink again.</summary>
    private static Ink Strengthened(Ink digit)
    {
        var strongest = digit.Values.Max();
        return digit with { Values = Array.ConvertAll(digit.Values, value => value / strongest) };
    }

    private static (int Left, int Top) Centered(Ink digit)
    {
        var (mass, massX, massY) = (0d, 0d, 0d);
        for (var i = 0; i < digit.Values.Length; i++)
        {
            var (y, x) = Math.DivRem(i, digit.Width);
            mass += digit.Values[i];
            massX += digit.Values[i] * (x + 0.5);
            massY += digit.Values[i] * (y + 0.5);
        }

        return (Start(massX / mass, digit.Width), Start(massY / mass, digit.Height));
    }

    private static int Start(double center, int length) => Math.Clamp((int)Math.Round((Size / 2d) - center), 0, Size - length);
}
