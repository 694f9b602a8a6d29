using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Pruning.BrainSurgeon;

/// <summary>
/// The order in which the weights of an output are best set to zero, one after the other, while those that stay make up for it (Hassibi and Stork 1993, "Second Order Derivatives for Network Pruning: Optimal Brain Surgeon"; for the
/// error of one output Frantar and Alistarh 2022, "Optimal Brain Compression"). Removing weight p costs wₚ² / [H⁻¹]ₚₚ, changes the others by −wₚ / [H⁻¹]ₚₚ times its column of H⁻¹, and takes its row and column out of H⁻¹.
/// Some weights of least cost are looked at together, among which costs are exact after each removal; the rest of H⁻¹ learns of a batch of them at once. One instance serves one output after the other.
/// </summary>
/// <param name="inputs">How many weights an output has.</param>
internal sealed class RemovalOrder(int inputs)
{
    /// <summary>Weights that are removed before the rest is told.</summary>
    private const int Batch = 32;

    /// <summary>Weights among which these are chosen.</summary>
    private const int Candidates = 64;

    // Of the weights that are left: H⁻¹ with its lower triangle, row by row at a distance of all inputs; values; and where they stood.
    private readonly double[] inverse = new double[inputs * inputs];
    private readonly double[] weights = new double[inputs];
    private readonly int[] places = new int[inputs];
    private readonly double[] keys = new double[inputs];
    private readonly int[] sorted = new int[inputs];
    private readonly double[] small = new double[Candidates * Candidates];
    private readonly double[] smallWeights = new double[Candidates];
    private readonly double[] rows = new double[Batch * inputs];
    private readonly int[] removed = new int[Batch];
    private readonly double[] lower = new double[Batch * Batch];
    private readonly double[] steps = new double[Batch];
    private int left;

    /// <summary>Tells the order.</summary>
    /// <param name="inverseHessian">H⁻¹, [inputs × inputs].</param>
    /// <param name="values">The weights.</param>
    /// <param name="groups">Which weights are bound together; null where all are.</param>
    /// <param name="removable">How many weights of each group may go; counted down.</param>
    /// <param name="order">Gets the weights that go, the first one first.</param>
    /// <param name="costs">Gets by how much eᵀ·H·e grows with each of them.</param>
    /// <returns>How many go.</returns>
    public int Of(ReadOnlySpan<double> inverseHessian, ReadOnlySpan<double> values, ReadOnlySpan<int> groups, Span<int> removable, Span<int> order, Span<double> costs)
    {
        inverseHessian.CopyTo(inverse);
        values.CopyTo(weights);
        left = inputs;
        for (var place = 0; place < inputs; place++)
        {
            places[place] = place;
        }

        var done = 0;
        while (Choose(groups, removable) is > 0 and var candidates)
        {
            var count = RemoveAmong(candidates, groups, removable, order[done..], costs[done..]);
            TellOthers(count);
            done += count;
        }

        return done;
    }

    /// <summary>The weights of least cost of those that may go.</summary>
    private int Choose(ReadOnlySpan<int> groups, ReadOnlySpan<int> removable)
    {
        var count = 0;
        for (var index = 0; index < left; index++)
        {
            if (removable[Group(groups, places[index])] > 0)
            {
                keys[count] = weights[index] * weights[index] / inverse[(index * inputs) + index];
                sorted[count++] = index;
            }
        }

        Array.Sort(keys, sorted, 0, count);
        return Math.Min(count, Candidates);
    }

    private int RemoveAmong(int candidates, ReadOnlySpan<int> groups, Span<int> removable, Span<int> order, Span<double> costs)
    {
        for (var row = 0; row < candidates; row++)
        {
            smallWeights[row] = weights[sorted[row]];
            for (var column = 0; column < candidates; column++)
            {
                small[(row * Candidates) + column] = At(sorted[row], sorted[column]);
            }
        }

        Span<bool> isGone = stackalloc bool[Candidates];
        Span<int> gone = stackalloc int[Batch];
        isGone.Clear();
        var count = 0;
        for (; count < Batch; count++)
        {
            var (best, least) = (-1, double.PositiveInfinity);
            for (var candidate = 0; candidate < candidates; candidate++)
            {
                var cost = smallWeights[candidate] * smallWeights[candidate] / small[(candidate * Candidates) + candidate];
                if (!isGone[candidate] && cost < least && removable[Group(groups, places[sorted[candidate]])] > 0)
                {
                    (best, least) = (candidate, cost);
                }
            }

            if (best < 0)
            {
                break;
            }

            removable[Group(groups, places[sorted[best]])]--;
            (order[count], costs[count], isGone[best], gone[count], removed[count]) = (places[sorted[best]], least, true, best, sorted[best]);
            Remove(best, count, gone, candidates);
        }

        return count;
    }

    /// <summary>Takes a candidate out of the others, and keeps its column of the factor of their part of H⁻¹.</summary>
    private void Remove(int best, int step, ReadOnlySpan<int> gone, int candidates)
    {
        var root = Math.Sqrt(small[(best * Candidates) + best]);
        steps[step] = smallWeights[best] / root;
        for (var earlier = 0; earlier < step; earlier++)
        {
            lower[(step * Batch) + earlier] = small[(best * Candidates) + gone[earlier]];
        }

        lower[(step * Batch) + step] = root;
        Span<double> column = stackalloc double[Candidates];
        for (var row = 0; row < candidates; row++)
        {
            column[row] = small[(row * Candidates) + best] / root;
        }

        foreach (var earlier in gone[..step])
        {
            column[earlier] = 0;
        }

        for (var row = 0; row < candidates; row++)
        {
            var factor = column[row];
            if (row == best || factor == 0)
            {
                continue;
            }

            smallWeights[row] -= factor * steps[step];
            for (var other = 0; other < candidates; other++)
            {
                small[(row * Candidates) + other] -= factor * column[other];
            }

            // What the factor has here; nothing else reads it any more.
            small[(row * Candidates) + best] = factor;
        }
    }

    /// <summary>Takes the removed weights out of those that are left.</summary>
    private void TellOthers(int count)
    {
        for (var step = 0; step < count; step++)
        {
            var row = rows.AsSpan(step * inputs, left);
            for (var column = 0; column < left; column++)
            {
                row[column] = At(removed[step], column);
            }

            for (var earlier = 0; earlier < step; earlier++)
            {
                TensorPrimitives.MultiplyAdd(rows.AsSpan(earlier * inputs, left), -lower[(step * Batch) + earlier], row, row);
            }

            TensorPrimitives.Divide(row, lower[(step * Batch) + step], row);
            TensorPrimitives.MultiplyAdd(row, -steps[step], weights.AsSpan(0, left), weights.AsSpan(0, left));
        }

        Compact(count);
        TransposedProduct.SubtractLower(new ReadOnlyMatrixPart<double>(rows, count, left, inputs), new MatrixPart<double>(inverse, left, left, inputs), 1);
    }

    private void Compact(int count)
    {
        var stays = keys.AsSpan(0, left);
        stays.Fill(1);
        foreach (var index in removed.AsSpan(0, count))
        {
            stays[index] = 0;
        }

        var kept = sorted.AsSpan();
        var next = 0;
        for (var index = 0; index < left; index++)
        {
            if (stays[index] != 0)
            {
                kept[next++] = index;
            }
        }

        for (var index = 0; index < next; index++)
        {
            (weights[index], places[index]) = (weights[kept[index]], places[kept[index]]);
            var target = inverse.AsSpan(index * inputs, index + 1);
            var source = inverse.AsSpan(kept[index] * inputs, kept[index] + 1);
            for (var column = 0; column <= index; column++)
            {
                target[column] = source[kept[column]];
            }
        }

        for (var step = 0; step < count; step++)
        {
            var row = rows.AsSpan(step * inputs, left);
            for (var index = 0; index < next; index++)
            {
                row[index] = row[kept[index]];
            }
        }

        left = next;
    }

    private double At(int row, int column) => inverse[(Math.Max(row, column) * inputs) + Math.Min(row, column)];

    private static int Group(ReadOnlySpan<int> groups, int place) => groups.IsEmpty ? 0 : groups[place];
}
