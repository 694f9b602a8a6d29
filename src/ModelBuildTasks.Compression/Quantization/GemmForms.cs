using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Brings matrix products with constant weights into the forms that fuse once they are quantized, without changing what they compute.
/// </summary>
/// <remarks>
/// What ONNX Runtime 1.31.1 makes of them (seen in the optimized graphs): Gemm with Q and DQ on its input, with or without an int32 bias row, becomes QGemm with a float
/// result; MatMul becomes MatMulIntegerToFloat. But MatMul + Add of a float row is made a Gemm first (on matrices, and on static shapes of any rank), whose float bias fits
/// no integer kernel: then the weight is dequantized on every run (0.18x). A Gemm followed by an Add stays apart.
/// </remarks>
/// <param name="graph">The graph.</param>
/// <param name="shapes">What is known of the shapes of its values.</param>
/// <param name="opset">The version of the default operator set.</param>
/// <param name="mayBeInt8">Whether a layer may become int8; others keep their form.</param>
internal sealed class GemmForms(OnnxGraph graph, ValueShapes shapes, int opset, Func<NodeProto, bool> mayBeInt8)
{
    /// <summary>Gemm must have a bias before.</summary>
    public const int FirstOpsetWithoutBias = 11;

    /// <summary>Edits the graph and returns the products that became a Gemm.</summary>
    public IReadOnlySet<NodeProto> Apply()
    {
        var changed = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
        {
            if (!node.IsStandard("Gemm") && !node.IsStandard("MatMul") || graph.Constant(node.InputOrEmpty(0)) is not null || !mayBeInt8(node)
                || Layers.Weights(node, graph) is not [{ Tensor.Dims.Count: 2 } weight] || weight.Tensor.ElementType() != DataType.Float)
            {
                continue;
            }

            if (node.OpType == "Gemm")
            {
                SettleBias(node, weight.Axis.Channels);
            }
            else
            {
                SettleMatMul(node, weight);
                if (node.OpType == "Gemm")
                {
                    changed.Add(node);
                }
            }
        }

        return changed;
    }

    /// <summary>The bias becomes one row with beta 1, which is an int32 bias later; what is no constant row is added behind.</summary>
    private void SettleBias(NodeProto node, long channels)
    {
        if (node.InputOrEmpty(2) is not { Length: > 0 } name)
        {
            node.RemoveAttribute("beta");
            return;
        }

        var beta = node.Single("beta", 1);
        if (graph.Constant(name) is { } bias && bias.ElementType() == DataType.Float)
        {
            node.RemoveAttribute("beta");
            if (IsRow(bias, channels))
            {
                SetBias(node, name, bias, channels, beta);
                return;
            }

            name = beta == 1 ? name : graph.AddInitializer(TensorValues.Create(ValueNames.Stem(name) + "_b", TensorValues.Scaled(bias.Singles(), beta), [.. bias.Dims]));
        }
        else if (beta != 1)
        {
            // Stays float: a product of its own for beta would cost what bytes win.
            return;
        }

        var output = node.Output[0];
        var product = graph.UniqueName(ValueNames.Stem(output) + "_m");
        RemoveBias(node, channels);
        graph.SetOutput(node, 0, product);
        graph.Add(NewNode.Of("Add", [product, name], output));
    }

    private void SettleMatMul(NodeProto node, LayerWeight weight)
    {
        var channels = weight.Axis.Channels;
        var rank = shapes.Rank(node.Input[0]);
        var addition = !graph.IsGraphOutput(node.Output[0]) && graph.Consumers(node.Output[0]) is [{ Node: var next, Index: >= 0 }] && next.IsStandard("Add") ? next : null;
        var biasInput = addition?.Input[0] == node.Output[0] ? 1 : 0;
        var biasName = addition?.Input[biasInput] ?? "";
        var bias = graph.Constant(biasName) is { } constant && constant.ElementType() == DataType.Float ? constant : null;

        if (rank == 2)
        {
            node.OpType = "Gemm";
            if (weight.IsTransposed)
            {
                graph.SetInput(node, weight.Input, weight.Name);
                node.With("transB", 1);
            }

            if (bias is not null && IsRow(bias, channels) && bias.Dims.Count <= 2)
            {
                SetBias(node, biasName, bias, channels, 1);
                Replace(node, addition!);
            }
            else
            {
                RemoveBias(node, channels);
            }
        }
        else if (bias is not null && rank is null)
        {
            // Subtraction is what no fusion of the runtime looks for.
            var negated = graph.AddInitializer(TensorValues.Create(ValueNames.Stem(biasName) + "_n", TensorValues.Scaled(bias.Singles(), -1), [.. bias.Dims]));
            graph.Remove(addition!);
            graph.Add(NewNode.Of("Sub", [node.Output[0], negated], addition!.Output[0], addition.Name));
        }
        else if (bias is { Dims.Count: 1 } && rank > 2 && !shapes.IsDynamic(node.Input[0]))
        {
            // A row of rank 3 is added alike, but makes no Gemm. On dynamic shapes none is made, and Add and Gelu fuse.
            long[] dims = [.. Enumerable.Repeat(1L, rank.Value - 1), bias.Dims[0]];
            var row = graph.AddInitializer(TensorValues.Create(ValueNames.Stem(biasName) + "_b", bias.Singles(), dims));
            graph.SetInput(addition!, biasInput, row);
        }
    }

    /// <summary>The sum's value is written by the product, and the sum is gone.</summary>
    private void Replace(NodeProto node, NodeProto addition)
    {
        var output = addition.Output[0];
        graph.Remove(addition);
        graph.SetOutput(node, 0, output);
    }

    private void RemoveBias(NodeProto node, long channels)
    {
        if (opset < FirstOpsetWithoutBias)
        {
            graph.SetInput(node, 2, graph.AddInitializer(TensorValues.Create(ValueNames.Stem(node.Output[0]) + "_0", new float[channels], channels)));
        }
        else if (node.Input.Count > 2)
        {
            graph.SetInput(node, 2, "");
            node.Input.RemoveAt(2);
        }
    }

    private void SetBias(NodeProto node, string name, TensorProto bias, long channels, float beta)
    {
        if (beta == 1 && bias.Dims.Count == 1 && bias.Dims[0] == channels)
        {
            graph.SetInput(node, 2, name);
            return;
        }

        var values = TensorValues.Scaled(bias.Singles(), beta);
        var row = values.Length == 1 ? Enumerable.Repeat(values[0], checked((int)channels)).ToArray() : values;
        graph.SetInput(node, 2, graph.AddInitializer(TensorValues.Create(ValueNames.Stem(name) + "_b", row, channels)));
    }

    private static bool IsRow(TensorProto bias, long channels) => bias.ElementCount() == 1 || bias.ElementCount() == channels && bias.Dims[^1] == channels;
}
