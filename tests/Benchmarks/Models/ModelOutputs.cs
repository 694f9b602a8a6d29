using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Kernels;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace Benchmarks.Models;

/// <summary>The float outputs of a model for samples in their order.</summary>
/// <param name="Values">One array for each output of each sample.</param>
internal sealed record ModelOutputs(IReadOnlyList<float[]> Values)
{
    /// <summary>Runs a model.</summary>
    /// <param name="session">The model.</param>
    /// <param name="samples">Its inputs.</param>
    /// <param name="count">How many of them are run, from the first on.</param>
    public static ModelOutputs Of(ModelSession session, SampleSet samples, int count)
    {
        var outputs = new List<float[]>();
        var run = new StatefulRun(session, samples.States);
        foreach (var sample in samples.Read(Enumerable.Range(0, count)))
        {
            run.Run(
                run.Inputs(sample.Series, sample.Inputs),
                (_, type, _, bytes) =>
                {
                    if (type == DataType.Float)
                    {
                        outputs.Add(MemoryMarshal.Cast<byte, float>(bytes).ToArray());
                    }
                },
                CancellationToken.None);
        }

        return new ModelOutputs(outputs);
    }

    /// <summary>10 log₁₀ (Σ y² / Σ (y − ŷ)²), the ŷ being outputs of an approximation.</summary>
    public double SqnrDb(ModelOutputs approximation)
    {
        var (signal, noise) = (0.0, 0.0);
        foreach (var (before, after) in Values.Zip(approximation.Values))
        {
            var energies = ErrorEnergy.Accumulate(before, after);
            (signal, noise) = (signal + energies.Signal, noise + energies.Noise);
        }

        return 10 * Math.Log10(signal / noise);
    }
}
