using System.Text;

namespace EdgePublish;

/// <summary>Rows in columns.</summary>
internal static class VariantTable
{
    public static string Text(IReadOnlyList<VariantRow> rows)
    {
        string[][] cells = [["target", "device", "activations", "weights", "size", "top-1", "SQNR"], .. rows.Select(row => new[] { row.Target, row.Device, row.Activations, row.Weights, row.Size, row.Accuracy, row.Sqnr })];
        var widths = Enumerable.Range(0, cells[0].Length).Select(column => cells.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in cells)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        return text.ToString();
    }
}
