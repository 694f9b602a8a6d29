using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Float16;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.WeightSharing;

/// <summary>Float16 whose weights share values: they are rounded to values that float16 has, and stay weights of their layers. The file does not become smaller by it, but what is packed of it does.</summary>
/// <param name="sharing">Chooses the values.</param>
internal sealed class SharedHalfPrecision(IValueSharing sharing) : ICompressionPass
{
    private readonly HalfPrecision halves = new();

    /// <inheritdoc/>
    public string Name => halves.Name;

    /// <inheritdoc/>
    public PassResult Apply(OnnxModel model, PassContext context)
    {
        var main = model.EditGraph();
        WeightChecks.RequireFinite(model, main);
        var (rounded, changes) = (new Dictionary<TensorProto, LayerChange>(ReferenceEqualityComparer.Instance), new Dictionary<string, LayerChange>(StringComparer.Ordinal));
        foreach (var graph in main.WithInner())
        {
            foreach (var node in graph.Nodes.Where(node => node.IsLayer(graph) && !NodePatterns.Match(context.KeepFloat, node.DisplayName())))
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                foreach (var weight in Layers.Weights(node, graph).Where(weight => weight.Tensor.ElementType() == DataType.Float))
                {
                    if (!rounded.TryGetValue(weight.Tensor, out var change))
                    {
                        rounded.Add(weight.Tensor, change = Round(weight, graph));
                    }

                    changes[node.DisplayName()] = changes.GetValueOrDefault(node.DisplayName()) + change;
                }
            }
        }

        var result = halves.Apply(model, context);
        return result with { Layers = [.. result.Layers.Select(layer => changes.TryGetValue(layer.Name, out var change) ? layer with { SqnrDb = change.SqnrDb } : layer)] };
    }

    /// <summary>Rounds a weight in its place.</summary>
    private LayerChange Round(LayerWeight weight, OnnxGraph graph)
    {
        var chosen = sharing.Codebook(weight, null);
        var codebook = chosen with { Values = Array.ConvertAll(chosen.Values, value => Half.IsFinite((Half)value) ? (float)(Half)value : value) };
        var shared = CodebookQuantizer.Round(weight, codebook, graph.NewPayload);
        var payload = graph.NewPayload(weight.Tensor.SizeInBytes());
        foreach (var part in shared.Restored(weight.Axis))
        {
            payload.Append(LittleEndian.Bytes<float>(part.Values.Span).ToArray());
        }

        weight.Tensor.FloatData.Clear();
        weight.Tensor.RawData = payload.Finish();
        return new LayerChange(0, shared.Signal, shared.Noise);
    }
}
