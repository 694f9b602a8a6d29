using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Passes;

/// <summary>One step of the way of a model: edits the model in place and says what it did. It knows no files, no other pass and no MSBuild.</summary>
internal interface ICompressionPass
{
    /// <summary>What the pass is called in file names.</summary>
    string Name { get; }

    PassResult Apply(OnnxModel model, PassContext context);
}
