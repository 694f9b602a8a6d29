using System.Globalization;
using System.Text;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Incremental;

/// <summary>
/// What a compressed model was made from, remembered beside it. Lines of tab-separated text and not JSON: every up-to-date build reads it, and this costs no serializer.
/// </summary>
/// <param name="Options">The options and the tool, as one line.</param>
/// <param name="Model">The model.</param>
/// <param name="ExternalData">The files of its external data.</param>
/// <param name="Data">Calibration and validation files, the ranges file, the keys of a text recognizer and the cost table, in this order.</param>
/// <param name="Output">The compressed model.</param>
internal sealed record Stamp(string Options, FileState Model, IReadOnlyList<FileState> ExternalData, IReadOnlyList<FileState> Data, FileState Output)
{
    /// <summary>The compressed model as it is packed; null where it is not.</summary>
    public FileState? Packed { get; init; }

    private const string Header = "ModelBuildTasks stamp 1";

    /// <summary>Reads a stamp; null where there is none that this version wrote.</summary>
    public static Stamp? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var lines = File.ReadAllLines(path);
        if (lines.Length < 4 || lines[0] != Header)
        {
            return null;
        }

        FileState? model = null;
        FileState? output = null;
        FileState? packed = null;
        List<FileState> externalData = [];
        List<FileState> data = [];
        for (var i = 2; i < lines.Length; i++)
        {
            var fields = lines[i].Split('\t', 5);
            if (fields.Length != 5 || !long.TryParse(fields[1], CultureInfo.InvariantCulture, out var length) || !long.TryParse(fields[2], CultureInfo.InvariantCulture, out var ticks))
            {
                return null;
            }

            var state = new FileState(fields[4], length, ticks, fields[3]);
            switch (fields[0])
            {
                case "model":
                    model = state;
                    break;
                case "external":
                    externalData.Add(state);
                    break;
                case "data":
                    data.Add(state);
                    break;
                case "output":
                    output = state;
                    break;
                case "packed":
                    packed = state;
                    break;
            }
        }

        return model is null || output is null ? null : new Stamp(lines[1], model, externalData, data, output) { Packed = packed };
    }

    /// <summary>Writes the stamp whole or not at all.</summary>
    public void Write(string path)
    {
        var text = new StringBuilder().Append(Header).Append('\n').Append(Options).Append('\n');
        Append(text, "model", Model);
        foreach (var state in ExternalData)
        {
            Append(text, "external", state);
        }

        foreach (var state in Data)
        {
            Append(text, "data", state);
        }

        Append(text, "output", Output);
        if (Packed is not null)
        {
            Append(text, "packed", Packed);
        }

        AtomicFile.WriteWhenDifferent(path, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static void Append(StringBuilder text, string role, FileState state) => text
        .Append(role).Append('\t')
        .Append(state.Length.ToString(CultureInfo.InvariantCulture)).Append('\t')
        .Append(state.WrittenTicks.ToString(CultureInfo.InvariantCulture)).Append('\t')
        .Append(state.Hash).Append('\t')
        .Append(state.Path).Append('\n');
}
