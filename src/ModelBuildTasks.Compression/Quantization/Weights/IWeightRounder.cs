using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Decides which of the possible values each weight becomes. Whoever writes weights asks it, once for each weight.</summary>
internal interface IWeightRounder
{
    /// <summary>Rounds to signed bytes.</summary>
    /// <param name="grid">The weight, and the values it may have.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    QuantizedWeight ToBytes(ByteGrid grid, Func<long, PayloadWriter> newPayload);

    /// <summary>Rounds to values that the weights share.</summary>
    /// <param name="grid">The weight, and what chooses the values.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    CodebookWeight ToCodebook(CodebookGrid grid, Func<long, PayloadWriter> newPayload);

    /// <summary>Rounds to levels of four bits.</summary>
    /// <param name="weight">The weight; finite.</param>
    /// <param name="grid">What the levels of its blocks stand for.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    BlockQuantizedWeight ToBlocks(LayerWeight weight, BlockGrid grid, Func<long, PayloadWriter> newPayload);
}
