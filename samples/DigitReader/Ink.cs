namespace DigitReader;

/// <summary>How much ink lies on every pixel, row by row, 0 none to 1 full, whatever the colours of pen and paper.</summary>
internal sealed record Ink(int Width, int Height, float[] Values)
{
    /// <summary>Below this share of the darkest stroke a pixel counts as paper: grain, shadows and compression noise of a scan.</summary>
    private const float PaperShare = 0.25f;

    /// <summary>A picture with less contrast than this holds no writing.</summary>
    private const float LeastContrast = 0.1f;

    /// <summary>White on black stays; dark on light, which the median of the border shows, is inverted.</summary>
    public static Ink Of(GrayImage image)
    {
        var invert = BorderMedian(image.Width, image.Height, image.Levels) > 127;
        return new Ink(image.Width, image.Height, Array.ConvertAll(image.Levels, level => (invert ? 255 - level : level) / 255f));
    }

    /// <summary>Whether nothing stands out from the paper.</summary>
    public bool IsBlank => Contrast < LeastContrast;

    private float Paper => BorderMedian(Width, Height, Values);

    private float Contrast => Values.Max() - Paper;

    /// <summary>The same picture with the paper at exactly 0 and the strongest stroke at 1. Not for a blank one.</summary>
    public Ink WithoutPaper()
    {
        var (paper, contrast) = (Paper, Contrast);
        return this with
        {
            Values = Array.ConvertAll(Values, value => (value - paper) / contrast is var share && share >= PaperShare ? share : 0),
        };
    }

    /// <summary>The smallest rectangle that holds all ink.</summary>
    public Ink Cropped()
    {
        var (left, top, right, bottom) = (Width, Height, -1, -1);
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                if (Values[(y * Width) + x] > 0)
                {
                    (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y));
                }
            }
        }

        var (width, height) = (right - left + 1, bottom - top + 1);
        var values = new float[width * height];
        for (var y = 0; y < height; y++)
        {
            Array.Copy(Values, ((top + y) * Width) + left, values, y * width, width);
        }

        return new Ink(width, height, values);
    }

    private static T BorderMedian<T>(int width, int height, T[] pixels)
    {
        var border = new List<T>();
        for (var i = 0; i < pixels.Length; i++)
        {
            var (y, x) = Math.DivRem(i, width);
            if (x == 0 || y == 0 || x == width - 1 || y == height - 1)
            {
                border.Add(pixels[i]);
            }
        }

        border.Sort();
        return border[border.Count / 2];
    }
}
