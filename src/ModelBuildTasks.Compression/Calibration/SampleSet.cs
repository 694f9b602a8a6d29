using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Samples that are read as they are used: memory does not grow with their number (but for four bytes a label and the names of image files).</summary>
internal abstract class SampleSet
{
    private static readonly string[] ArrayExtensions = [".npz", ".npy"];

    /// <summary>How many samples there are.</summary>
    public abstract int Count { get; }

    /// <summary>Whether every sample has a label.</summary>
    public abstract bool HasLabels { get; }

    /// <summary>Reads the samples with these positions, in this order; ascending positions are cheapest.</summary>
    /// <exception cref="CompressionException">AIM1101, AIM1104, AIM1106: a sample cannot be read, does not fit or is not finite.</exception>
    public abstract IEnumerable<Sample> Read(IEnumerable<int> indices);

    /// <summary>
    /// Opens files and folders as one set for the inputs of a model, and checks names, shapes, types and labels before the first sample is used.
    /// A path is a .npz or .npy file, an image, a folder of images (with a folder for each class, or without), or a folder of .npz and .npy files.
    /// </summary>
    /// <exception cref="CompressionException">AIM1101 to AIM1107; AIM1201 or AIM1202 where an image option does not fit the model.</exception>
    public static SampleSet Open(IReadOnlyList<string> paths, IReadOnlyList<ModelPort> inputs, ImageOptions images)
    {
        var sets = new List<(string Path, SampleSet Set)>();
        foreach (var path in paths)
        {
            foreach (var (file, set) in OpenOne(Path.TrimEndingDirectorySeparator(path), inputs, images))
            {
                sets.Add(set.Count > 0 ? (file, set) : throw Empty(file));
            }
        }

        if (sets.Count == 0)
        {
            throw Empty(null);
        }

        if (sets.Find(each => each.Set.HasLabels != sets[0].Set.HasLabels) is { Path: not null } other)
        {
            var (labelled, unlabelled) = other.Set.HasLabels ? (other.Path, sets[0].Path) : (sets[0].Path, other.Path);
            throw new CompressionException(
                DiagnosticCodes.LabelsMismatch,
                unlabelled,
                $"'{Path.GetFileName(unlabelled)}' has no labels, but '{Path.GetFileName(labelled)}' has. Give labels to all files of the set or to none.");
        }

        return sets.Count == 1 ? sets[0].Set : new ConcatenatedSampleSet([.. sets.Select(each => each.Set)]);
    }

    private static IEnumerable<(string Path, SampleSet Set)> OpenOne(string path, IReadOnlyList<ModelPort> inputs, ImageOptions images)
    {
        if (Directory.Exists(path))
        {
            return OpenFolder(path, inputs, images);
        }

        if (!File.Exists(path))
        {
            throw DataFile.Unreadable(path, "there is no such file or folder");
        }

        if (DataFile.HasExtension(path, ArrayExtensions))
        {
            return [(path, ArraySampleSet.Open(path, inputs))];
        }

        return ImageFolder.IsImage(path)
            ? [(path, new ImageSampleSet([new LabeledImage(path, null)], inputs, images))]
            : throw DataFile.Unreadable(path, "its kind is unknown");
    }

    private static IEnumerable<(string Path, SampleSet Set)> OpenFolder(string path, IReadOnlyList<ModelPort> inputs, ImageOptions images)
    {
        var arrays = DataFile.Guard(path, () => Directory.EnumerateFiles(path).Where(file => DataFile.HasExtension(file, ArrayExtensions)).Order(StringComparer.Ordinal).ToArray());
        var found = ImageFolder.Find(path);
        if (arrays.Length > 0 && found.Count > 0)
        {
            throw DataFile.Unreadable(path, "it holds both arrays and images");
        }

        return found.Count > 0
            ? [(path, new ImageSampleSet(found, inputs, images))]
            : arrays.Length > 0 ? arrays.Select(file => (file, (SampleSet)ArraySampleSet.Open(file, inputs))) : throw Empty(path);
    }

    private static CompressionException Empty(string? path) => new(
        DiagnosticCodes.DataEmpty,
        path,
        $"{(path is null ? "The calibration set" : $"'{Path.GetFileName(path)}'")} has no sample. Give at least one .npz, .npy or image with a sample in it.");
}
