using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>What other values in one weight do to the outputs of a model.</summary>
internal sealed class OutputSensitivity
{
    private readonly OnnxModel model;
    private readonly SampleSet samples;
    private readonly IReadOnlyList<int> indices;
    private readonly CancellationToken cancellationToken;
    private readonly List<float[]> outputs;

    /// <param name="model">The model; unchanged whenever nothing is measured.</param>
    /// <param name="samples">The samples that calibrate.</param>
    /// <param name="indices">Those of them that are run.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public OutputSensitivity(OnnxModel model, SampleSet samples, IReadOnlyList<int> indices, CancellationToken cancellationToken)
    {
        (this.model, this.samples, this.indices, this.cancellationToken) = (model, samples, indices, cancellationToken);
        outputs = Run();
    }

    /// <summary>Σ (y − y′)² / Σ y² over the outputs with other values in a weight; 0 where no output is of floats.</summary>
    public double NoiseOf(PrunableWeight weight, float[] values)
    {
        var before = weight.Bytes;
        weight.Write(values);
        try
        {
            var (signal, noise) = (0.0, 0.0);
            foreach (var (expected, actual) in outputs.Zip(Run()))
            {
                // An output whose length depends on what is computed is all noise where the length is another.
                var energies = ErrorEnergy.Accumulate(expected, actual.Length == expected.Length ? actual : new float[expected.Length]);
                (signal, noise) = (signal + energies.Signal, noise + energies.Noise);
            }

            return signal > 0 && double.IsFinite(noise) ? noise / signal : 0;
        }
        finally
        {
            weight.Write(before);
        }
    }

    private List<float[]> Run()
    {
        var found = new List<float[]>();
        using var session = ObservedModel.Open(model, new HashSet<string>());
        var run = new StatefulRun(session, samples.States);
        foreach (var sample in samples.Read(indices))
        {
            // Outputs may be read on several threads.
            var ofSample = new float[session.Outputs.Count][];
            run.Run(
                run.Inputs(sample.Series, sample.Inputs),
                (index, type, _, bytes) => ofSample[index] = type == DataType.Float ? MemoryMarshal.Cast<byte, float>(bytes).ToArray() : [],
                cancellationToken);
            found.AddRange(ofSample.OfType<float[]>());
        }

        return found;
    }
}
