using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Weights to indices of a codebook. They are read and written in parts, so that none needs room as a whole.</summary>
internal static class CodebookQuantizer
{
    /// <summary>Rounds to the nearest values.</summary>
    /// <param name="weight">The weight; finite.</param>
    /// <param name="codebook">The values.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    public static CodebookWeight Round(LayerWeight weight, Codebook codebook, Func<long, PayloadWriter> newPayload) => Store(weight, codebook, null, newPayload);

    /// <summary>Packs indices that were chosen elsewhere.</summary>
    /// <param name="weight">The weight, which tells the error.</param>
    /// <param name="codebook">The values.</param>
    /// <param name="chosen">One for each element, in the order of the weight.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    public static CodebookWeight Pack(LayerWeight weight, Codebook codebook, ReadOnlyMemory<byte> chosen, Func<long, PayloadWriter> newPayload) => Store(weight, codebook, chosen, newPayload);

    /// <summary>The values of indices.</summary>
    public static void Restore(ReadOnlySpan<byte> indices, ReadOnlySpan<float> values, Span<float> restored)
    {
        for (var i = 0; i < indices.Length; i++)
        {
            restored[i] = values[indices[i]];
        }
    }

    private static CodebookWeight Store(LayerWeight weight, Codebook codebook, ReadOnlyMemory<byte>? chosen, Func<long, PayloadWriter> newPayload)
    {
        var values = new SinglesReader(weight.Tensor);
        var packing = IndexPacking.Of(codebook.Count, values.Count);
        var packer = new IndexPacker(packing, newPayload(values.Count / packing.PerByte));
        var (stored, places) = ZeroFirst(codebook);
        var longest = (int)Math.Min(values.Count, SinglesReader.LongestPart);
        var (indices, restored) = (new byte[longest], new float[longest]);
        var (signal, noise) = (0.0, 0.0);
        foreach (var block in weight.Axis.Blocks(SinglesReader.LongestPart))
        {
            var part = values.Read(block.Start, block.Length);
            foreach (var (start, length, group) in block.Runs(codebook.GroupChannels))
            {
                var run = indices.AsSpan(start, length);
                if (chosen is { } known)
                {
                    known.Span.Slice((int)block.Start + start, length).CopyTo(run);
                }
                else
                {
                    KMeansAssignment.Assign(part.Slice(start, length), codebook.Distinct(group), run);
                }

                Restore(run, codebook.OfGroup(group), restored.AsSpan(start, length));
                foreach (ref var index in run)
                {
                    index = places[(group * codebook.Count) + index];
                }
            }

            var energies = ErrorEnergy.Accumulate(part, restored.AsSpan(0, block.Length));
            (signal, noise) = (signal + energies.Signal, noise + energies.Noise);
            packer.Append(indices.AsSpan(0, block.Length));
        }

        return new CodebookWeight(stored, codebook.Count, codebook.GroupChannels, packer.Finish(), packing, signal, noise);
    }

    /// <summary>The values of each group with zero before all others, where every group has it, and the place of each value.</summary>
    private static (float[] Values, byte[] Places) ZeroFirst(Codebook codebook)
    {
        var zeros = Enumerable.Range(0, codebook.Groups).Select(group => codebook.OfGroup(group).IndexOf(0f)).ToArray();
        var (values, places) = ((float[])codebook.Values.Clone(), new byte[codebook.Values.Length]);
        for (var group = 0; group < zeros.Length; group++)
        {
            var zero = zeros.Contains(-1) ? 0 : zeros[group];
            for (var index = 0; index < codebook.Count; index++)
            {
                var place = index == zero ? 0 : index < zero ? index + 1 : index;
                places[(group * codebook.Count) + index] = (byte)place;
                values[(group * codebook.Count) + place] = codebook.OfGroup(group)[index];
            }
        }

        return (values, places);
    }
}
