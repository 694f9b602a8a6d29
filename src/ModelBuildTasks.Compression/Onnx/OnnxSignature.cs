using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// What a model takes and gives. It is read in builds that are up to date, where milliseconds count: by skipping through the file, without
/// Google.Protobuf and without ONNX Runtime, so that neither is loaded.
/// </summary>
/// <param name="Inputs">The inputs that a caller feeds, in the model's order; not those that an initializer gives a value.</param>
/// <param name="Outputs">The outputs, in the model's order.</param>
internal sealed record OnnxSignature(IReadOnlyList<OnnxPort> Inputs, IReadOnlyList<OnnxPort> Outputs)
{
    /// <exception cref="CompressionException">AIM1001: the file cannot be read. AIM1002: it is no model, or truncated.</exception>
    public static OnnxSignature Read(string path) => WireFile.Read(path, (reader, length) => new SignatureReader(reader).Model(length));
}
