using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// An operator without weights computes on bytes only where somebody reads them. Of several readers no cut can ask that there be one: where a cut leaves such an operator without readers, the cheapest plan in which it is float is
/// compared with those in which one of its readers is on bytes (branch and bound: the cut without the demand costs no more than any plan with it).
/// </summary>
/// <param name="candidates">The operators, in the order in which they run.</param>
/// <param name="all">All of them on bytes.</param>
/// <param name="solve">The cheapest plan in which some operators are where they are told to be; null where there is none.</param>
internal sealed class ReaderSearch(IReadOnlyList<NodeProto> candidates, BytesState all, Func<IReadOnlyList<(NodeProto Node, bool OnBytes)>, (HashSet<NodeProto> OnBytes, long Cost)?> solve)
{
    /// <summary>Networks need none or a few; beyond it stands the best plan found by then.</summary>
    private const int MostCuts = 200;

    private HashSet<NodeProto>? best;
    private long least = long.MaxValue;
    private int cuts;

    public IReadOnlySet<NodeProto> Best()
    {
        Search([]);
        return best!;
    }

    private void Search(IReadOnlyList<(NodeProto Node, bool OnBytes)> told)
    {
        if (cuts++ >= MostCuts || solve(told) is not { } plan || plan.Cost >= least)
        {
            return;
        }

        if (Unread(plan.OnBytes) is not { } unread)
        {
            (best, least) = plan;
            return;
        }

        var mended = Mended(plan.OnBytes);
        if (solve([.. candidates.Select(node => (node, mended.Contains(node)))]) is { } whole && whole.Cost < least)
        {
            (best, least) = (mended, whole.Cost);
        }

        if (plan.Cost < least)
        {
            Search([.. told, (unread, false)]);
            foreach (var reader in all.ByteReaders(unread))
            {
                Search([.. told, (unread, true), (reader, true)]);
            }
        }
    }

    private NodeProto? Unread(HashSet<NodeProto> onBytes) => candidates.FirstOrDefault(node => onBytes.Contains(node) && IsUnread(node, onBytes));

    private bool IsUnread(NodeProto node, HashSet<NodeProto> onBytes) => !IsLayer(node) && !all.ByteReaders(node).Any(onBytes.Contains);

    private static bool IsLayer(NodeProto node) => node.OpType is "Conv" or "Gemm" or "MatMul";

    // Last first, as one falls with its only reader.
    private HashSet<NodeProto> Mended(HashSet<NodeProto> onBytes)
    {
        var mended = onBytes.ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (var node in candidates.Reverse())
        {
            if (mended.Contains(node) && IsUnread(node, mended))
            {
                mended.Remove(node);
            }
        }

        return mended;
    }
}
