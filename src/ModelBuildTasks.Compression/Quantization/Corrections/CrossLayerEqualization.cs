using System.Collections.Frozen;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Corrections;

/// <summary>
/// Channels between two layers share the scale of their activation, and each output of the second layer one weight scale for all of them: those with small values lose their digits. A factor for each channel makes them
/// alike, put on the first layer's weights and taken off the second's, √(r₂ / r₁) for the ranges r of the channel's weights (Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction",
/// section 4.1). Here it is a power of two, so that the model computes the same floats, scaled, and gives the same bits.
/// </summary>
/// <remarks>
/// It needs no data and goes before calibration, as it changes activations. The publication equalizes for one weight scale per tensor; ours are per channel, so that a pair is equalized only where the estimated error gets
/// smaller. Where a Clip lies between, nothing is done: its bound would need a factor for each channel.
/// </remarks>
internal static class CrossLayerEqualization
{
    /// <summary>
    /// How much of the estimated error may be left: a quarter, 6 dB. Where less is promised the outcome is chance, since all weights are rounded anew (a pair of the digits' network with 0.77: 2.0 dB gained as int8, 0.8 dB lost
    /// with bias correction, 1.5 dB lost as int8-weights).
    /// </summary>
    private const double LargestShare = 0.25;

    /// <summary>Chains of layers settle in two or three rounds.</summary>
    private const int Rounds = 4;

    private const int LargestExponent = 16;

    /// <summary>Equalizes what gains from it.</summary>
    /// <param name="model">The model; unchanged where it is beyond 2 GiB, whose weights are only ever read in parts.</param>
    /// <returns>The pairs of layers that were equalized: the name of the second by that of the first.</returns>
    public static IReadOnlyDictionary<string, string> Apply(OnnxModel model)
    {
        if (model.IsLarge)
        {
            return FrozenDictionary<string, string>.Empty;
        }

        var graph = model.EditGraph();
        var pairs = LayerPair.Of(graph).ToArray();
        var layers = new OrderedDictionary<NodeProto, ScaledLayer>(ReferenceEqualityComparer.Instance);
        foreach (var node in pairs.SelectMany(pair => new[] { pair.First, pair.Second }))
        {
            if (!layers.ContainsKey(node))
            {
                layers.Add(node, new ScaledLayer(node, graph));
            }
        }

        var equalized = new HashSet<LayerPair>(ReferenceEqualityComparer.Instance);
        for (var (round, changed) = (0, true); round < Rounds && changed; round++)
        {
            changed = false;
            foreach (var pair in pairs.Where(pair => Equalize(layers[pair.First], layers[pair.Second], pair.IsRectified)))
            {
                equalized.Add(pair);
                changed = true;
            }
        }

        if (equalized.Count > 0)
        {
            foreach (var layer in layers.Values)
            {
                layer.Write(graph);
            }

            graph.RemoveUnused();
            graph.Commit();
        }

        return equalized.ToDictionary(pair => pair.First.DisplayName(), pair => pair.Second.DisplayName(), StringComparer.Ordinal);
    }

    private static bool Equalize(ScaledLayer first, ScaledLayer second, bool isRectified)
    {
        var exponents = first.OutputMaxima().Zip(second.InputMaxima(), Exponent).ToArray();
        if (exponents.All(exponent => exponent == exponents[0]) || EqualizationError.Of(first, second, isRectified, exponents) > LargestShare * EqualizationError.Of(first, second, isRectified, new int[exponents.Length]))
        {
            return false;
        }

        first.ScaleOutputs(exponents);
        second.ScaleInputs(exponents);
        return true;
    }

    /// <summary>The power of two nearest to √(r₂ / r₁); 0 where a channel is unused.</summary>
    private static int Exponent(float first, float second) => first > 0 && second > 0 && float.IsFinite(first) && float.IsFinite(second)
        ? Math.Clamp((int)Math.Round((Math.ILogB(second) - Math.ILogB(first) + Math.Log2(Significand(second) / Significand(first))) / 2), -LargestExponent, LargestExponent)
        : 0;

    private static double Significand(float value) => Math.ScaleB(value, -Math.ILogB(value));
}
