using System.Globalization;
using System.Text;

namespace ModelBuildTasks.Corpus.Tests.Text;

/// <summary>Short lines as they stand on forms, labels and tickets: words in three cases, numbers, prices, dates, codes and addresses, in characters of ASCII.</summary>
internal static class LineText
{
    private const string Letters = "ABCDEFGHJKLMNPRSTUVWXYZ";

    private static readonly string[] Ends = ["", "", "", "", "", ".", ",", ":", "!", "?", ";"];

    /// <summary>A line of at most so many characters.</summary>
    public static string Make(Random random, int length)
    {
        var line = new StringBuilder(Part(random));
        for (var tries = 0; tries < 4; tries++)
        {
            var part = Part(random);
            if (line.Length + 1 + part.Length <= length)
            {
                line.Append(' ').Append(part);
            }
        }

        return line.ToString();
    }

    private static string Part(Random random) => random.Next(10) switch
    {
        0 => Text($"{random.Next(100_000)}"),
        1 => Text($"${random.Next(1000)}.{random.Next(100):00}"),
        2 => Text($"{random.Next(1990, 2030)}-{random.Next(1, 13):00}-{random.Next(1, 29):00}"),
        3 => Text($"{Letter(random)}{Letter(random)}-{random.Next(10_000):0000}"),
        4 => random.Next(3) switch
        {
            0 => Text($"({random.Next(100)}%)"),
            1 => Text($"{random.Next(24):00}:{random.Next(60):00}"),
            _ => Text($"#{random.Next(1000)}/{Letter(random)}"),
        },
        _ => Word(random) + Ends[random.Next(Ends.Length)],
    };

    private static string Word(Random random)
    {
        var word = RenderedText.Words[random.Next(RenderedText.Words.Length)];
        return random.Next(4) switch
        {
            0 => word.ToUpperInvariant(),
            1 => char.ToUpperInvariant(word[0]) + word[1..],
            _ => word,
        };
    }

    private static char Letter(Random random) => Letters[random.Next(Letters.Length)];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
