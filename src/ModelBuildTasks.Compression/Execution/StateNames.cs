using System.Text.RegularExpressions;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>Tells from two names whether an output is the next value of an input.</summary>
internal static partial class StateNames
{
    // What names add to say which end of a step a state is at.
    private static readonly HashSet<string> Ends = new(StringComparer.Ordinal)
    {
        "in", "input", "i", "past", "prev", "previous", "old", "init", "initial", "cur", "current", "last",
        "out", "output", "o", "present", "new", "next", "updated", "final",
    };

    /// <summary>
    /// Whether both names are the same but for words that tell the direction (in, out, past, present, prev, new, next, …), whatever separates them and wherever they stand; and h, h0 → hn, state → stateN.
    /// "key_values", which only the inputs of exported decoders say, does not count.
    /// </summary>
    public static bool IsNext(string input, string output)
    {
        var (before, after) = (Stem(input), Stem(output));
        return before.Length > 0 && (before == after || before + "n" == after || (before.EndsWith('0') && before[..^1] + "n" == after && before.Length > 1));
    }

    /// <summary>Whether a name says that its value is what earlier runs have appended.</summary>
    public static bool IsPast(string input) => Words(input).Contains("past");

    private static string Stem(string name) => string.Concat(Words(KeyValues().Replace(name, "")).Where(word => !Ends.Contains(word)));

    private static IEnumerable<string> Words(string name) => Word().Matches(name).Select(match => match.Value.ToLowerInvariant());

    // Letters up to the next capital, or digits.
    [GeneratedRegex("[A-Z]*[a-z]+|[A-Z]+|[0-9]+")]
    private static partial Regex Word();

    [GeneratedRegex("key_?values?", RegexOptions.IgnoreCase)]
    private static partial Regex KeyValues();
}
