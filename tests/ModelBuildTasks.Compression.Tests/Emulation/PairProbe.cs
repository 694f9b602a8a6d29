using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Emulation;

/// <summary>A layer whose outputs show which products its kernel adds in 16 bits.</summary>
/// <param name="Name">Tells it in messages and names its files.</param>
internal abstract record PairProbe(string Name)
{
    /// <summary>The layer on bytes, in the form in which the library writes it, as far as it does.</summary>
    public abstract ModelBuilder Quantized();

    /// <summary>What the quantized layer is given: activations of 255.</summary>
    public abstract (string Name, byte[] Values)[] Inputs { get; }

    /// <summary>The layer as the library finds it, in float.</summary>
    public abstract ModelBuilder Float();

    /// <summary>Which of the layer's weights is probed.</summary>
    public virtual int WeightInput => 1;

    /// <summary>The pairs of weights, as elements of their channel, whose products were added in 16 bits.</summary>
    /// <param name="output">Output y of the quantized layer.</param>
    public abstract IReadOnlyList<(int First, int Second)> Saturated(byte[] output);
}
