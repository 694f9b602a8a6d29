namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>The signed bytes that some weights may become.</summary>
internal sealed class LevelSet
{
    // Between two levels the border is a multiple of a half: all values between two of these multiples have the same nearest level.
    private const int HalfSteps = 4 * WeightQuantizer.Maximum;

    private readonly sbyte[] nearest = new sbyte[HalfSteps];

    /// <param name="levels">Distinct and ascending, −127 to 127.</param>
    public LevelSet(sbyte[] levels)
    {
        Levels = levels;
        var index = 0;
        for (var step = 0; step < HalfSteps; step++)
        {
            var middle = ((step - (HalfSteps / 2)) / 2.0) + 0.25;
            while (index + 1 < levels.Length && Math.Abs(levels[index + 1] - middle) < Math.Abs(levels[index] - middle))
            {
                index++;
            }

            nearest[step] = levels[index];
        }
    }

    /// <summary>Every level.</summary>
    public static LevelSet All { get; } = new([.. Enumerable.Range(-WeightQuantizer.Maximum, (2 * WeightQuantizer.Maximum) + 1).Select(level => (sbyte)level)]);

    /// <summary>Distinct and ascending.</summary>
    public sbyte[] Levels { get; }

    /// <summary>The level nearest to a value; the higher of two that are as near.</summary>
    /// <param name="value">In units of the scale.</param>
    public int Nearest(double value) => nearest[(int)Math.Clamp(Math.Floor(2 * value) + (HalfSteps / 2), 0, HalfSteps - 1)];

    /// <summary>The same among those of a range; null where it has none.</summary>
    /// <param name="value">In units of the scale.</param>
    /// <param name="lowest">The lowest level that may be.</param>
    /// <param name="highest">The highest level that may be.</param>
    public int? NearestWithin(double value, int lowest, int highest)
    {
        var level = Nearest(value);
        if (level >= lowest && level <= highest)
        {
            return level;
        }

        var bound = level > highest ? highest : lowest;
        var place = Array.BinarySearch(Levels, (sbyte)Math.Clamp(bound, sbyte.MinValue, sbyte.MaxValue));
        place = place >= 0 ? place : level > highest ? ~place - 1 : ~place;
        return place >= 0 && place < Levels.Length && Levels[place] >= lowest && Levels[place] <= highest ? Levels[place] : null;
    }

    /// <summary>The two levels with the least squared error whose sum is within a limit: levels of the first from the nearest one outwards, until its own error is no less than the least found.</summary>
    public (int First, int Second) NearestPair(double first, double second, int limit)
    {
        var start = Nearest(first);
        var pair = (First: start, Second: Nearest(second));
        if (Math.Abs(pair.First + pair.Second) <= limit)
        {
            return pair;
        }

        var least = double.PositiveInfinity;
        var place = Array.BinarySearch(Levels, (sbyte)start);
        for (var direction = -1; direction <= 1; direction += 2)
        {
            for (var index = place; index >= 0 && index < Levels.Length && Square(first - Levels[index]) < least; index += direction)
            {
                if (NearestWithin(second, -limit - Levels[index], limit - Levels[index]) is { } other && Square(first - Levels[index]) + Square(second - other) is var error && error < least)
                {
                    (pair, least) = ((Levels[index], other), error);
                }
            }
        }

        return pair;

        static double Square(double value) => value * value;
    }
}
