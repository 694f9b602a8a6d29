namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Names that are taken, and new ones beside them.</summary>
internal sealed class UniqueNames(IEnumerable<string> taken)
{
    private readonly HashSet<string> taken = [.. taken];
    private readonly Dictionary<string, int> lastNumbers = [];

    public void Add(IEnumerable<string> names) => taken.UnionWith(names);

    /// <summary>The stem, or else the stem with the first number from 1 on that is free; it is taken from then on.</summary>
    public string Next(string stem)
    {
        if (stem.Length > 0 && taken.Add(stem))
        {
            return stem;
        }

        var number = lastNumbers.GetValueOrDefault(stem);
        string name;
        do
        {
            name = $"{stem}_{++number}";
        }
        while (!taken.Add(name));
        lastNumbers[stem] = number;
        return name;
    }
}
