namespace DigitReader;

/// <summary>What the network sees: 28 × 28 pixels, row by row, 0 (black background) to 1 (white ink).</summary>
internal sealed record DigitPicture(float[] Pixels)
{
    /// <summary>Pixels a side.</summary>
    public const int Size = 28;

    /// <summary>A 28 × 28 picture is taken as it is; any other size is fitted like the digits the network was trained on.</summary>
    /// <exception cref="UnreadablePictureException">The file is missing, no picture, or blank.</exception>
    public static DigitPicture Load(string path)
    {
        var image = GrayImage.Load(path);
        var ink = Ink.Of(image);
        if (ink.IsBlank)
        {
            throw new UnreadablePictureException(path, "blank");
        }

        if (image.Width == Size && image.Height == Size)
        {
            return new DigitPicture(ink.Values);
        }

        return new DigitPicture(MnistFrame.Place(ink.WithoutPaper().Cropped()));
    }
}
