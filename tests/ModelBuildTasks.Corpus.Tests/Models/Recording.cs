using System.Buffers.Binary;

namespace ModelBuildTasks.Corpus.Tests.Models;

/// <summary>A recording of 16 kHz, mono.</summary>
/// <param name="Samples">From -1 to 1.</param>
internal sealed record Recording(float[] Samples)
{
    private const int SampleRate = 16000;
    private const int HeaderBytes = 44;
    private const int WindowSamples = 1536;

    /// <summary>Reads what build/MakeSpeech.cs writes.</summary>
    public static Recording Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24)) is not SampleRate and var rate)
        {
            throw new InvalidDataException($"'{path}' has {rate} samples a second, not {SampleRate}.");
        }

        var samples = new float[(bytes.Length - HeaderBytes) / sizeof(short)];
        for (var index = 0; index < samples.Length; index++)
        {
            samples[index] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(HeaderBytes + (index * sizeof(short)))) / 32768f;
        }

        return new Recording(samples);
    }

    /// <summary>Windows of 96 ms, at 16 kHz or at a rate that it is a multiple of.</summary>
    public IReadOnlyList<float[]> Windows(int sampleRate)
    {
        var factor = SampleRate / sampleRate;
        return [.. Samples.Chunk(WindowSamples).Where(window => window.Length == WindowSamples).Select(window => window.Chunk(factor).Select(each => each.Average()).ToArray())];
    }

    /// <summary>The loudest of the consecutive windows of a length.</summary>
    public float[] Loudest(int length) => Samples.Chunk(length).Where(window => window.Length == length).MaxBy(window => window.Sum(Math.Abs))!;
}
