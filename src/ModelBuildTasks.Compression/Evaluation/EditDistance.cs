using System.Text;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>
/// How many characters must be inserted, removed or replaced to make one text of another. Sources: Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", Soviet Physics
/// Doklady 10, 1966; the table is that of Wagner and Fischer, "The string-to-string correction problem", Journal of the ACM 21, 1974, of which two rows are kept.
/// </summary>
internal static class EditDistance
{
    /// <summary>The distance in characters, which are Unicode scalar values.</summary>
    public static int Between(string left, string right)
    {
        if (left == right)
        {
            return 0;
        }

        var (rows, columns) = (Runes(left), Runes(right));
        var (above, current) = (new int[columns.Length + 1], new int[columns.Length + 1]);
        for (var column = 0; column <= columns.Length; column++)
        {
            above[column] = column;
        }

        for (var row = 1; row <= rows.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= columns.Length; column++)
            {
                var replaced = above[column - 1] + (rows[row - 1] == columns[column - 1] ? 0 : 1);
                current[column] = Math.Min(replaced, 1 + Math.Min(above[column], current[column - 1]));
            }

            (above, current) = (current, above);
        }

        return above[columns.Length];
    }

    /// <summary>How many characters a text has.</summary>
    public static int Length(string text) => text.EnumerateRunes().Count();

    private static Rune[] Runes(string text) => [.. text.EnumerateRunes()];
}
