namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// Bilinear resizing. Shrinking widens the triangle filter by the factor, so that every source pixel counts (antialiasing), as the image libraries that models are trained with do;
/// pixel centres lie at half positions. The order of operations is fixed: the same bits on every machine.
/// </summary>
internal static class ImageResampling
{
    /// <param name="source">Interleaved pixels, row by row, <paramref name="channels"/> bytes each.</param>
    /// <param name="height">Rows of the source.</param>
    /// <param name="width">Columns of the source.</param>
    /// <param name="channels">Values of a pixel.</param>
    /// <param name="newHeight">Rows of the result.</param>
    /// <param name="newWidth">Columns of the result.</param>
    /// <returns>Interleaved pixels between 0 and 255, not rounded.</returns>
    public static float[] Resize(ReadOnlySpan<byte> source, int height, int width, int channels, int newHeight, int newWidth)
    {
        var columns = Weights(width, newWidth);
        var rows = Weights(height, newHeight);
        var narrow = new float[height * newWidth * channels];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < newWidth; x++)
            {
                var (start, weights) = columns[x];
                for (var channel = 0; channel < channels; channel++)
                {
                    var sum = 0f;
                    for (var tap = 0; tap < weights.Length; tap++)
                    {
                        sum += weights[tap] * source[((((y * width) + start + tap) * channels) + channel)];
                    }

                    narrow[(((y * newWidth) + x) * channels) + channel] = sum;
                }
            }
        }

        var line = newWidth * channels;
        var result = new float[newHeight * line];
        for (var y = 0; y < newHeight; y++)
        {
            var (start, weights) = rows[y];
            for (var position = 0; position < line; position++)
            {
                var sum = 0f;
                for (var tap = 0; tap < weights.Length; tap++)
                {
                    sum += weights[tap] * narrow[((start + tap) * line) + position];
                }

                result[(y * line) + position] = sum;
            }
        }

        return result;
    }

    // For every target position: the first source position, and the weights from there on, which add up to 1.
    private static (int Start, float[] Weights)[] Weights(int length, int newLength)
    {
        var scale = (double)length / newLength;
        var support = Math.Max(scale, 1);
        var all = new (int, float[])[newLength];
        for (var target = 0; target < newLength; target++)
        {
            var center = (target + 0.5) * scale;
            var start = Math.Max((int)(center - support + 0.5), 0);
            var end = Math.Min((int)(center + support + 0.5), length);
            var weights = Enumerable.Range(start, end - start).Select(position => Math.Max(0, 1 - (Math.Abs(position + 0.5 - center) / support))).ToArray();
            var total = weights.Sum();
            all[target] = (start, [.. weights.Select(weight => (float)(weight / total))]);
        }

        return all;
    }
}
