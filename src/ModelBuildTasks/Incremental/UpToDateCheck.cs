using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Items;

namespace ModelBuildTasks.Incremental;

/// <summary>Tells whether a compressed model is still the one its item asks for. Time and size are compared first; only a file that looks changed is hashed.</summary>
/// <param name="item">The item.</param>
internal sealed class UpToDateCheck(ModelItem item)
{
    private bool touched;

    /// <summary>Why the model must be compressed, or null where it is up to date; a stamp whose files were only touched is brought up to date.</summary>
    /// <param name="trace">Whether a trace is asked for.</param>
    /// <exception cref="CompressionException">An input is missing or cannot be read.</exception>
    public string? StaleReason(bool trace)
    {
        var paths = RequestData.Of(item);
        if (Stamp.Read(item.StampPath) is not { } stamp || !File.Exists(item.ReportPath))
        {
            return "there is no earlier result";
        }

        if (stamp.Options != OptionsText.Of(item))
        {
            return "an option or the tool changed";
        }

        if (!File.Exists(item.OutputPath) || (stamp.Packed is not null && !File.Exists(item.PackedPath)))
        {
            return "the output is missing";
        }

        if (stamp.Model.Path != item.Request.ModelPath || stamp.Output.Path != item.OutputPath)
        {
            return "the project moved";
        }

        var model = Current(stamp.Model, DiagnosticCodes.ModelUnreadable);
        var externalData = CurrentExternalData(stamp, model);
        var data = Current(stamp.Data, paths, DiagnosticCodes.DataUnreadable);
        var output = Current(stamp.Output, DiagnosticCodes.OutputNotWritable);
        var packed = stamp.Packed is null ? null : Current(stamp.Packed, DiagnosticCodes.OutputNotWritable);
        if (model is null)
        {
            return "the model changed";
        }

        if (externalData is null)
        {
            return "the model's external data changed";
        }

        if (data is null)
        {
            return "the calibration or validation data changed";
        }

        if (output is null || (packed is null && stamp.Packed is not null))
        {
            return "the output was changed";
        }

        if (touched)
        {
            new Stamp(stamp.Options, model, externalData, data, output) { Packed = packed }.Write(item.StampPath);
        }

        return trace && !TraceStamp.Matches(item, stamp) ? "its trace is missing or tells of another result" : null;
    }

    private List<FileState>? CurrentExternalData(Stamp stamp, FileState? model)
    {
        // Where the model's bytes are the same, so are the names of its external data.
        if (model is null)
        {
            return null;
        }

        var paths = new List<string>(stamp.ExternalData.Count);
        foreach (var state in stamp.ExternalData)
        {
            if (!File.Exists(state.Path))
            {
                return null;
            }

            paths.Add(state.Path);
        }

        return Current(stamp.ExternalData, paths, DiagnosticCodes.ExternalDataMissing);
    }

    private List<FileState>? Current(IReadOnlyList<FileState> earlier, List<string> paths, string codeWhenUnreadable)
    {
        if (earlier.Count != paths.Count)
        {
            return null;
        }

        var current = new List<FileState>(paths.Count);
        for (var i = 0; i < paths.Count; i++)
        {
            if (earlier[i].Path != paths[i] || Current(earlier[i], codeWhenUnreadable) is not { } state)
            {
                return null;
            }

            current.Add(state);
        }

        return current;
    }

    private FileState? Current(FileState earlier, string codeWhenUnreadable)
    {
        if (earlier.LooksUnchanged())
        {
            return earlier;
        }

        var state = FileState.Of(earlier.Path, codeWhenUnreadable);
        touched = true;
        return state.Hash == earlier.Hash ? state : null;
    }
}
