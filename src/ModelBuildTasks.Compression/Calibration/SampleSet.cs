using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Samples that are read as they are used: memory does not grow with their number (but for four bytes a label, the texts that are labels, and the names of image files and test data folders).</summary>
internal abstract class SampleSet
{
    private static readonly string[] ArrayExtensions = [".npz", ".npy"];
    private const string TextExtension = ".csv";

    /// <summary>How many samples there are.</summary>
    public abstract int Count { get; }

    /// <summary>Whether every sample has a true class.</summary>
    public abstract bool HasLabels { get; }

    /// <summary>Whether every sample has a true text; then none has a class.</summary>
    public virtual bool HasTexts => false;

    /// <summary>The inputs that no sample gives because the model itself gives their next values: carried from sample to sample of a series, so that the order of the samples matters.</summary>
    public virtual IReadOnlyList<StatePair> States => [];

    /// <summary>Reads the samples with these positions, in this order; ascending positions are cheapest.</summary>
    /// <exception cref="CompressionException">AIM1101, AIM1104, AIM1106: a sample cannot be read, does not fit or is not finite.</exception>
    public abstract IEnumerable<Sample> Read(IEnumerable<int> indices);

    /// <summary>
    /// Opens files and folders as one set for the inputs of a model, and checks names, shapes, types and labels before the first sample is used.
    /// A path is a .npz, .npy or .csv file, an image, a folder of images (with a folder for each class, or without), a folder of ONNX test data, or a folder of .npz and .npy files or else of .csv files.
    /// </summary>
    /// <param name="paths">The files and folders.</param>
    /// <param name="ports">The inputs and outputs of the model.</param>
    /// <param name="images">How images become tensors.</param>
    /// <param name="textLabels">Whether the model reads text, so that labels are what there is to read: texts in an array, a column or <see cref="TextLabelFile"/>. An array of integers still holds classes.</param>
    /// <exception cref="CompressionException">AIM1101 to AIM1107; AIM1201 or AIM1202 where an image option does not fit the model.</exception>
    public static SampleSet Open(IReadOnlyList<string> paths, ModelPorts ports, ImageOptions images, bool textLabels = false)
    {
        var sets = new List<(string Path, SampleSet Set)>();
        foreach (var path in paths)
        {
            foreach (var (file, set) in OpenOne(Path.TrimEndingDirectorySeparator(path), ports, images, textLabels))
            {
                sets.Add(set.Count > 0 ? (file, set) : throw Empty(file));
            }
        }

        if (sets.Count == 0)
        {
            throw Empty(null);
        }

        if (sets.Find(each => each.Set.HasLabels && sets[0].Set.HasTexts || each.Set.HasTexts && sets[0].Set.HasLabels) is { Path: not null } unlike)
        {
            throw new CompressionException(
                DiagnosticCodes.LabelsMismatch,
                unlike.Path,
                $"'{Path.GetFileName(unlike.Path)}' has {(unlike.Set.HasTexts ? "texts" : "class numbers")} as labels, but '{Path.GetFileName(sets[0].Path)}' has {(unlike.Set.HasTexts ? "class numbers" : "texts")}. Give all files of the set labels of one kind.");
        }

        if (sets.Find(each => IsLabelled(each.Set) != IsLabelled(sets[0].Set)) is { Path: not null } other)
        {
            var (labelled, unlabelled) = IsLabelled(other.Set) ? (other.Path, sets[0].Path) : (sets[0].Path, other.Path);
            throw new CompressionException(
                DiagnosticCodes.LabelsMismatch,
                unlabelled,
                $"'{Path.GetFileName(unlabelled)}' has no labels, but '{Path.GetFileName(labelled)}' has. Give labels to all files of the set or to none.");
        }

        if (sets.Find(each => !each.Set.States.SequenceEqual(sets[0].Set.States)) is { Path: not null } different)
        {
            throw new CompressionException(
                DiagnosticCodes.DataNameMismatch,
                different.Path,
                $"'{Path.GetFileName(different.Path)}' gives other inputs than '{Path.GetFileName(sets[0].Path)}'. Give the states of the model in all files of the set or in none.");
        }

        return sets.Count == 1 ? sets[0].Set : new ConcatenatedSampleSet([.. sets.Select(each => each.Set)]);
    }

    private static bool IsLabelled(SampleSet set) => set.HasLabels || set.HasTexts;

    private static IEnumerable<(string Path, SampleSet Set)> OpenOne(string path, ModelPorts ports, ImageOptions images, bool textLabels)
    {
        if (Directory.Exists(path))
        {
            return OpenFolder(path, ports, images, textLabels);
        }

        if (!File.Exists(path))
        {
            throw DataFile.Unreadable(path, "there is no such file or folder");
        }

        if (DataFile.HasExtension(path, ArrayExtensions))
        {
            return [(path, ArraySampleSet.Open(path, ports, textLabels))];
        }

        if (DataFile.HasExtension(path, TextExtension))
        {
            return [(path, CsvSampleSet.Open(path, ports, textLabels))];
        }

        return ImageFolder.IsImage(path)
            ? [(path, new ImageSampleSet([new LabeledImage(path, null)], ports, images))]
            : throw DataFile.Unreadable(path, "its kind is unknown");
    }

    private static IEnumerable<(string Path, SampleSet Set)> OpenFolder(string path, ModelPorts ports, ImageOptions images, bool textLabels)
    {
        var arrays = Files(path, ArrayExtensions);
        var found = (textLabels ? TextLabelFile.Find(path) : null) ?? ImageFolder.Find(path);
        var testData = TestDataSampleSet.Find(path);
        if (new[] { arrays.Length, found.Count, testData.Count }.Count(count => count > 0) > 1)
        {
            throw DataFile.Unreadable(path, "it holds more than one of arrays, images and ONNX test data");
        }

        if (found.Count > 0)
        {
            return [(path, new ImageSampleSet(found, ports, images, PreprocessingFile.Find(path)))];
        }

        if (testData.Count > 0)
        {
            return [(path, new TestDataSampleSet(testData, ports))];
        }

        // Tables beside images or arrays are often descriptions of these, and no samples.
        return arrays.Length > 0 ? arrays.Select(file => (file, (SampleSet)ArraySampleSet.Open(file, ports, textLabels)))
            : Files(path, TextExtension) is { Length: > 0 } texts ? texts.Select(file => (file, (SampleSet)CsvSampleSet.Open(file, ports, textLabels)))
            : throw Empty(path);
    }

    private static string[] Files(string folder, params string[] extensions) =>
        DataFile.Guard(folder, () => Directory.EnumerateFiles(folder).Where(file => DataFile.HasExtension(file, extensions)).Order(StringComparer.Ordinal).ToArray());

    private protected static CompressionException Empty(string? path) => new(
        DiagnosticCodes.DataEmpty,
        path,
        $"{(path is null ? "The calibration set" : $"'{Path.GetFileName(path)}'")} has no sample. Give at least one .npz, .npy, .csv, image or ONNX test data folder with a sample in it.");
}
