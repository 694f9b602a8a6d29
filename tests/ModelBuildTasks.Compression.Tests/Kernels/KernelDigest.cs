using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

/// <summary>One hash of the bits of everything the kernels compute from seeded data.</summary>
internal static class KernelDigest
{
    public static string Compute()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var length in KernelData.Lengths)
        {
            foreach (var values in new[] { KernelData.Values(length, length), KernelData.ValuesWithSpecials(length, length) })
            {
                AppendSingleTensor(hash, values);
            }
        }

        foreach (var (outer, channels, inner) in ChannelLayouts.All)
        {
            AppendChannels(hash, outer, channels, inner);
        }

        foreach (var size in MatrixData.Sizes)
        {
            AppendMatrices(hash, size);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void AppendSingleTensor(IncrementalHash hash, float[] values)
    {
        var (minimum, maximum, finite) = MinMax.Of(values);
        Append<float>(hash, [minimum, maximum, finite ? 1 : 0, AbsoluteMaximum.Of(values)]);
        Append(hash, [ZeroCount.Of(values)]);

        var signed = new sbyte[values.Length];
        QuantizeLinear.ToInt8(values, signed, 0.0313f, -7, -128, 127);
        Append<sbyte>(hash, signed);
        var unsigned = new byte[values.Length];
        QuantizeLinear.ToUInt8(values, unsigned, 0.0171f, 113, 0, 255);
        Append<byte>(hash, unsigned);

        var restored = new float[values.Length];
        DequantizeLinear.FromInt8(signed, restored, 0.0313f, -7);
        Append<float>(hash, restored);

        var (signal, noise) = ErrorEnergy.Accumulate(values, restored);
        var (xx, yy, xy) = DotProducts.Of(values, restored);
        Append<double>(hash, [signal, noise, xx, yy, xy]);

        var positions = Array.ConvertAll(restored, value => 100.0 * value);
        Append<double>(hash, [LevelErrors.WeightedIntegrals(positions, Array.ConvertAll(signed, value => (double)value), 0.7, -113, 142)]);

        var turned = values.Reverse().ToArray();
        var other = new sbyte[values.Length];
        PairedQuantizeLinear.ToInt8(values, turned, signed, other, 0.0213f, 128);
        Append<sbyte>(hash, signed);
        Append<sbyte>(hash, other);
        DequantizeLinear.FromInt8(signed, restored, 0.0313f, 1);
        var (squares, sum) = PairedErrors.Of(restored, restored, 0.0277f, 128);
        Append<double>(hash, [squares, sum, RoundingErrors.Of(restored, 0.0277f, 7)]);

        AppendBlocks(hash, KernelData.Values(values.Length, seed: ~values.Length), signed);
        foreach (var bins in new[] { 5, 2048 })
        {
            var counts = new long[bins];
            Histogram.Add(values, -3.3f, 2.9f, counts);
            Append<long>(hash, counts);
        }

        AppendPruned(hash, values);
        AppendShared(hash, KernelData.Values(values.Length, seed: values.Length));
    }

    private static void AppendPruned(IncrementalHash hash, float[] values)
    {
        var threshold = MagnitudeSelection.Of(values, values.Length / 3);
        var (masked, ties) = (values.ToArray(), threshold.Ties);
        Append(hash, [threshold.Below, threshold.Ties, MagnitudeMask.ZeroBelow(masked, values, threshold, ref ties)]);
        Append<float>(hash, masked);
        foreach (var (kept, group) in new[] { (2, 4), (3, 5) })
        {
            var patterned = values.ToArray();
            PatternMask.Apply(patterned, values, kept, group);
            Append<float>(hash, patterned);
        }
    }

    private static void AppendShared(IncrementalHash hash, float[] values)
    {
        var importances = Array.ConvertAll(values, value => value * value);
        foreach (var clusters in new[] { 5, 16, 40 })
        {
            var centroids = KMeans.Of(values, clusters == 16 ? importances : [], clusters, fixesZero: clusters == 5);
            Append<float>(hash, centroids);
            if (centroids.Length > 0)
            {
                var (indices, sums, weights) = (new byte[values.Length], new double[centroids.Length], new double[centroids.Length]);
                KMeansAssignment.Assign(values, centroids, indices);
                KMeansAssignment.Accumulate(values, importances, centroids, sums, weights);
                Append<byte>(hash, indices);
                Append<double>(hash, sums);
                Append<double>(hash, weights);
            }
        }
    }

    /// <summary>Three rows of as many blocks as there are values.</summary>
    private static void AppendBlocks(IncrementalHash hash, float[] values, sbyte[] bytes)
    {
        float[] rows = [.. values, .. values.Select(value => value * 0.7f), .. values.Reverse()];
        var (minima, maxima, errors, levels) = (new float[values.Length], new float[values.Length], new float[values.Length], new byte[rows.Length]);
        ColumnExtremes.Of(rows, minima, maxima);
        var scales = maxima.Zip(minima, (maximum, minimum) => maximum == minimum ? 1 : (maximum - minimum) / 12).ToArray();
        var lowest = Enumerable.Range(0, values.Length).Select(column => (float)(-column % 16)).ToArray();
        var (importance, fitted) = (new float[rows.Length], new float[values.Length]);
        BlockImportance.Of(rows, values.Length, importance);
        BlockErrors.Of(rows, importance, scales, lowest, errors);
        BlockFits.Of(rows, importance, scales, lowest, fitted);
        BlockLevels.Of(rows, scales, lowest, levels);
        Append<float>(hash, minima);
        Append<float>(hash, maxima);
        Append<float>(hash, importance);
        Append<float>(hash, errors);
        Append<float>(hash, fitted);
        Append<byte>(hash, levels);
        var packed = new byte[bytes.Length];
        PackNibbles.Of(levels.AsSpan(0, packed.Length), levels.AsSpan(packed.Length, packed.Length), packed);
        Append<byte>(hash, packed);
    }

    private static void AppendChannels(IncrementalHash hash, int outer, int channels, int inner)
    {
        var values = KernelData.ValuesWithSpecials(outer * channels * inner, seed: inner);
        var maxima = new float[channels];
        AbsoluteMaximum.PerChannel(values, outer, channels, inner, maxima);
        Append<float>(hash, maxima);

        var scales = Enumerable.Range(1, channels).Select(channel => channel * 0.0123f).ToArray();
        var quantized = new sbyte[values.Length];
        QuantizeLinear.PerChannel(values, quantized, outer, channels, inner, scales);
        Append<sbyte>(hash, quantized);
        var channelSums = new double[channels];
        ChannelSums.Add(KernelData.Values(values.Length, seed: ~inner), outer, channels, inner, channelSums);
        Append<double>(hash, channelSums);
        if (inner == 1 && outer > 1)
        {
            var first = values.AsSpan(0, channels);
            var second = values.AsSpan(channels, channels);
            PairedQuantizeLinear.PerChannel(first, second, quantized.AsSpan(0, channels), quantized.AsSpan(channels, channels), scales, 128);
            Append<sbyte>(hash, quantized);
            var (squares, sums) = (new double[channels], new double[channels]);
            PairedErrors.AddPerChannel(KernelData.Values(channels, seed: outer), KernelData.Values(channels, seed: ~outer), scales, 128, squares, sums);
            Append<double>(hash, squares);
            Append<double>(hash, sums);
            RoundingErrors.AddPerChannel(KernelData.Values(channels, seed: outer), scales, 7, squares);
            Append<double>(hash, squares);
        }
    }

    private static void AppendMatrices(IncrementalHash hash, int size)
    {
        var (width, depth) = (size / 2 * 3, 300 - size);
        var (left, right) = (MatrixData.Doubles(depth * width, seed: size), MatrixData.Doubles(depth * size, seed: ~size));
        var sums = MatrixData.Doubles(width * size, seed: size);
        TransposedProduct.Add(new ReadOnlyMatrixPart<double>(left, depth, width), new(right, depth, size), new(sums, width, size));
        Append<double>(hash, sums);
        TransposedProduct.Subtract(new ReadOnlyMatrixPart<double>(right, depth, size), new(left, depth, width), new(sums, size, width));
        Append<double>(hash, sums);

        var rankSums = new double[size * size];
        SymmetricRankUpdate.Add(KernelData.Values((300 + size) * size, seed: size), 300 + size, size, rankSums);
        Append<double>(hash, rankSums);
        CholeskyFactor.InPlace(rankSums, size);
        Append<double>(hash, rankSums);
    }

    private static void Append<T>(IncrementalHash hash, ReadOnlySpan<T> values)
        where T : unmanaged => hash.AppendData(MemoryMarshal.AsBytes(values));
}
