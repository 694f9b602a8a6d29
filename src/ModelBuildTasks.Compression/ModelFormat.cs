namespace ModelBuildTasks.Compression;

/// <summary>How a compressed model is written.</summary>
public enum ModelFormat
{
    /// <summary>An ONNX file; integer layers stand between QuantizeLinear and DequantizeLinear.</summary>
    Qdq,

    /// <summary>An ONNX file; integer layers are integer operators (QLinearConv, QGemm …), for runtimes and tools that make none of what stands between QuantizeLinear and DequantizeLinear.</summary>
    QOperator,

    /// <summary>ONNX Runtime's own format (.ort): optimized before it is saved, loads without the optimizer and in the runtime's reduced builds.</summary>
    Ort,
}
