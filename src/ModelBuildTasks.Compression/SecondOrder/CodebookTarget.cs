using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>A weight that becomes indices of a codebook.</summary>
/// <param name="Shared">The weight, and what chooses the values.</param>
internal sealed record CodebookTarget(CodebookGrid Shared) : RoundingTarget(Shared.Weight)
{
    private Codebook? codebook;

    /// <inheritdoc/>
    public override string Format => "shared";

    private Codebook Codebook => codebook ?? throw new InvalidOperationException("The values of a codebook are chosen by the inputs of its layer.");

    /// <inheritdoc/>
    public override RoundingTarget Fitted(LayerWeight weight, InputImportances importances) => this with { codebook = Shared.Sharing.Codebook(weight, importances) };

    /// <inheritdoc/>
    public override IRoundingGrid Grid(LayerInputs inputs, int first, int count)
    {
        var groups = Enumerable.Range(0, Codebook.Groups).Select(group => Codebook.Distinct(group).ToArray()).ToArray();
        return new CodebookRounding(inputs.Depth, [.. Enumerable.Range(first, count).Select(output => groups[output / Codebook.GroupChannels])]);
    }

    /// <inheritdoc/>
    public override bool Fits(LayerInputs inputs) => Weight.Axis.Channels == inputs.Outputs * inputs.Groups;

    /// <inheritdoc/>
    public override IEnumerable<RestoredPart> Restored(LayerWeight weight, sbyte[] levels) => Stored(weight, levels, length => new PayloadWriter(length)).Restored(weight.Axis);

    /// <summary>The weight with indices that were chosen.</summary>
    public CodebookWeight Stored(LayerWeight weight, sbyte[] levels, Func<long, PayloadWriter> newPayload) =>
        CodebookQuantizer.Pack(weight, Codebook, MemoryMarshal.AsBytes<sbyte>(levels).ToArray(), newPayload);

    /// <summary>Whether a grid has values that are chosen in the same way.</summary>
    public bool IsIn(CodebookGrid grid) => grid.Weight.Axis == Weight.Axis && grid.Sharing.Equals(Shared.Sharing);
}
