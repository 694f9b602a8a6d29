#:property PublishAot=false

using System.Buffers.Binary;
using System.Diagnostics;

// Writes speech of espeak-ng as 16 kHz mono, 16 bits, with silence before, between and after the sentences. The same text and voice make the same file.
// Usage: dotnet run build/MakeSpeech.cs -- <file.wav>
const int SampleRate = 16_000;
const int SilenceSamples = 2 * SampleRate;
string[] sentences =
[
    "The quick brown fox jumps over the lazy dog, and nobody in the garden seems to mind.",
    "Please turn on the light in the kitchen, and close the window before it starts to rain.",
    "Seventy three trains leave the central station every day between six and nine in the morning.",
];

var speech = new List<short>(new short[SilenceSamples]);
foreach (var sentence in sentences)
{
    speech.AddRange(Resample(Speak(sentence)));
    speech.AddRange(new short[SilenceSamples]);
}

Write(args[0], [.. speech]);
return 0;

static (short[] Samples, int Rate) Speak(string sentence)
{
    using var espeak = Process.Start(new ProcessStartInfo("espeak-ng", ["-v", "en-us", "-s", "150", "--stdout", sentence]) { RedirectStandardOutput = true })!;
    using var wave = new MemoryStream();
    espeak.StandardOutput.BaseStream.CopyTo(wave);
    espeak.WaitForExit();
    if (espeak.ExitCode != 0 || wave.Length < HeaderBytes)
    {
        throw new InvalidOperationException($"espeak-ng ended with {espeak.ExitCode} and {wave.Length} bytes.");
    }

    // A stream's header is always the canonical one, its lengths unknown: mono, 16 bits, rate at byte 24.
    var bytes = wave.ToArray().AsSpan();
    var samples = new short[(bytes.Length - HeaderBytes) / 2];
    for (var index = 0; index < samples.Length; index++)
    {
        samples[index] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(HeaderBytes + (2 * index))..]);
    }

    return (samples, BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]));
}

// Windowed sinc (Hann, 16 zero crossings to each side), its cutoff at the lower of both Nyquist frequencies.
static short[] Resample((short[] Samples, int Rate) speech)
{
    var (samples, rate) = speech;
    var cutoff = Math.Min(1.0, (double)SampleRate / rate);
    var reach = 16 / cutoff;
    var resampled = new short[(int)((long)samples.Length * SampleRate / rate)];
    for (var index = 0; index < resampled.Length; index++)
    {
        var center = (double)index * rate / SampleRate;
        var sum = 0.0;
        for (var near = Math.Max(0, (int)Math.Ceiling(center - reach)); near <= Math.Min(samples.Length - 1, (int)(center + reach)); near++)
        {
            var distance = near - center;
            var angle = Math.PI * cutoff * distance;
            sum += samples[near] * cutoff * (angle == 0 ? 1 : Math.Sin(angle) / angle) * (0.5 + (0.5 * Math.Cos(Math.PI * distance / reach)));
        }

        resampled[index] = (short)Math.Clamp(Math.Round(sum), short.MinValue, short.MaxValue);
    }

    return resampled;
}

static void Write(string path, short[] samples)
{
    using var writer = new BinaryWriter(File.Create(path));
    writer.Write("RIFF"u8);
    writer.Write(HeaderBytes - 8 + (2 * samples.Length));
    writer.Write("WAVEfmt "u8);
    writer.Write(16);
    writer.Write((short)1);
    writer.Write((short)1);
    writer.Write(SampleRate);
    writer.Write(2 * SampleRate);
    writer.Write((short)2);
    writer.Write((short)16);
    writer.Write("data"u8);
    writer.Write(2 * samples.Length);
    foreach (var sample in samples)
    {
        writer.Write(sample);
    }
}

internal static partial class Program
{
    private const int HeaderBytes = 44;
}
