using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Passes;

/// <summary>One step of the way of a model: edits the model in place and says what became of each layer. It knows no files, no other pass and no MSBuild.</summary>
internal interface ICompressionPass
{
    /// <summary>What the pass is called in file names.</summary>
    string Name { get; }

    IReadOnlyList<LayerReport> Apply(OnnxModel model, PassContext context);
}
