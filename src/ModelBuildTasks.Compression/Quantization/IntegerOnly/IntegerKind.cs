namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>How a node without a weight of its own computes on bytes.</summary>
internal enum IntegerKind
{
    /// <summary>The same operator on bytes: it moves or chooses some, and the result has the scale of its first input.</summary>
    Mover,

    /// <summary>Relu or Clip as a Clip between two bytes; the result keeps the scale.</summary>
    Clip,

    /// <summary>The same operator, whose result is no activation: a shape or an index.</summary>
    Reader,

    /// <summary>An operator of ONNX Runtime's that rescales to a range of its own.</summary>
    Rescaler,

    /// <summary>A table of what each byte becomes.</summary>
    Table,
}
