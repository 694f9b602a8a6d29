using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Several sets one after another; all have the same states.</summary>
internal sealed class ConcatenatedSampleSet : SampleSet
{
    private readonly IReadOnlyList<SampleSet> sets;
    private readonly int[] starts;

    public ConcatenatedSampleSet(IReadOnlyList<SampleSet> sets)
    {
        this.sets = sets;
        starts = new int[sets.Count];
        foreach (var (number, set) in sets.Index())
        {
            starts[number] = Count;
            Count = checked(Count + set.Count);
        }
    }

    public override int Count { get; }

    public override bool HasLabels => sets.All(set => set.HasLabels);

    public override bool HasTexts => sets.All(set => set.HasTexts);

    public override IReadOnlyList<StatePair> States => sets[0].States;

    public override IEnumerable<Sample> Read(IEnumerable<int> indices)
    {
        var current = -1;
        var run = new List<int>();
        foreach (var index in indices)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(indices));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count, nameof(indices));
            var owner = Owner(index);
            if (owner != current && run.Count > 0)
            {
                foreach (var sample in ReadRun(current, run))
                {
                    yield return sample;
                }

                run.Clear();
            }

            current = owner;
            run.Add(index - starts[owner]);
        }

        foreach (var sample in run.Count > 0 ? ReadRun(current, run) : [])
        {
            yield return sample;
        }
    }

    private IEnumerable<Sample> ReadRun(int set, List<int> indices) =>
        sets[set].Read(indices).Select(sample => sample with { Index = sample.Index + starts[set] });

    // The last set that starts at or before the index and is not empty.
    private int Owner(int index)
    {
        var found = Array.BinarySearch(starts, index);
        return found >= 0 ? found : ~found - 1;
    }
}
