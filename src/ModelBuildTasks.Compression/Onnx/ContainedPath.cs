namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Paths that a model names and that must stay in the model's folder.</summary>
internal static class ContainedPath
{
    private const int MostLinks = 40;

    /// <summary>
    /// The full path of a relative path in a folder; null where it is absolute or leaves the folder, by itself or through a symbolic link.
    /// A path that is absolute or leaves the folder on any operating system is refused on each. Nothing is opened.
    /// </summary>
    /// <exception cref="IOException">The symbolic links form a circle.</exception>
    public static string? Resolve(string folder, string relative)
    {
        var absolute = relative.StartsWith('/') || relative.StartsWith('\\') || relative.Contains(':');
        if (absolute || relative.Contains('\0') || LeavesFolder(relative))
        {
            return null;
        }

        var root = RealPath(Path.GetFullPath(folder));
        var path = RealPath(Path.GetFullPath(Path.Combine(folder, relative)));
        var prefix = Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar;
        return path.StartsWith(prefix, StringComparison.Ordinal) ? path : null;
    }

    private static bool LeavesFolder(string relative)
    {
        var depth = 0;
        foreach (var segment in relative.Split('/', '\\'))
        {
            depth += segment switch
            {
                "" or "." => 0,
                ".." => -1,
                _ => 1,
            };
            if (depth < 0)
            {
                return true;
            }
        }

        return depth == 0;
    }

    /// <summary>The path with every symbolic link in it followed; what does not exist is taken as it is.</summary>
    private static string RealPath(string path)
    {
        var real = Path.GetPathRoot(path)!;
        var waiting = new Stack<string>();
        Push(path[real.Length..]);
        var links = 0;
        while (waiting.TryPop(out var segment))
        {
            if (segment is "" or ".")
            {
                continue;
            }

            if (segment == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, segment);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"'{path}' goes through more than {MostLinks} symbolic links");
            }

            if (Path.IsPathRooted(target))
            {
                real = Path.GetPathRoot(target)!;
                target = target[real.Length..];
            }

            Push(target);
        }

        return real;

        void Push(string segments)
        {
            foreach (var segment in segments.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Reverse())
            {
                waiting.Push(segment);
            }
        }
    }
}
