using ModelBuildTasks.Compression.Devices;

namespace Benchmarks.Formats;

/// <summary>What a command line asks of the table.</summary>
/// <param name="Models">Names of models; none is all. Or the file of another model, its calibration data and its validation data.</param>
/// <param name="Forms">The forms, beside the baseline.</param>
/// <param name="Device">The name of what the models are compressed for.</param>
/// <param name="MeasuresMemory">Whether each compression also runs in a process of its own that tells its memory and time.</param>
internal sealed record TableOptions(IReadOnlyList<string> Models, IReadOnlyList<TableForm> Forms, string Device, bool MeasuresMemory)
{
    /// <exception cref="ArgumentException">A form or an option is none.</exception>
    public static TableOptions Parse(IEnumerable<string> arguments)
    {
        var options = new TableOptions([], TableForm.All, DeviceProfile.Cpu.Name, false);
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var argument))
        {
            options = argument switch
            {
                "--memory" => options with { MeasuresMemory = true },
                "--device" when rest.TryDequeue(out var device) => options with { Device = device },
                "--only" when rest.TryDequeue(out var forms) => options with { Forms = [.. forms.Split(',').Select(TableForm.Of)] },
                ['-', ..] => throw new ArgumentException($"'{argument}' is no option, or lacks its value: --memory, --device <name> and --only <forms> are.", nameof(arguments)),
                _ => options with { Models = [.. options.Models, argument] },
            };
        }

        return options;
    }
}
