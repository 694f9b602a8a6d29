using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>Adds up how far both models are from what the samples expect; its size does not depend on their number.</summary>
internal sealed class ExpectedTally
{
    private float[] buffer = [];
    private OutputDistance original;
    private OutputDistance compressed;
    private int samples;

    /// <summary>The result so far; null where no sample expected anything.</summary>
    public ExpectedReport? Report() => samples == 0 ? null : new ExpectedReport(samples, original.SqnrDb, compressed.SqnrDb);

    /// <summary>Adds the outputs of one sample, as far as it expects any.</summary>
    public void Add(Sample sample, RunOutputs ofOriginal, RunOutputs ofCompressed)
    {
        samples += sample.Expected.Count > 0 ? 1 : 0;
        for (var output = 0; output < ofOriginal.Count; output++)
        {
            if (sample.Expected.TryGetValue(ofOriginal.Name(output), out var expected))
            {
                var values = Singles(expected);
                original += OutputDistance.Between(values, ofOriginal.Values(output));
                compressed += OutputDistance.Between(values, ofCompressed.Values(output));
            }
        }
    }

    private ReadOnlySpan<float> Singles(TensorValue tensor)
    {
        var count = FloatConversion.Count(tensor.Type, tensor.Bytes.Length);
        if (buffer.Length < count)
        {
            buffer = new float[count];
        }

        FloatConversion.ToSingles(tensor.Type, tensor.Bytes.Span, buffer.AsSpan(0, count));
        return buffer.AsSpan(0, count);
    }
}
