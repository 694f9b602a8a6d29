namespace ModelBuildTasks.Compression.Packaging;

/// <summary>Copies that leave an equal file alone: its time stamp tells the compiler of a real change.</summary>
internal static class FileCopy
{
    /// <summary>Copies a file whole or not at all, unless the target holds the same bytes.</summary>
    /// <returns>True when the target was written.</returns>
    public static bool CopyWhenDifferent(string source, string target)
    {
        if (Equal(source, target))
        {
            return false;
        }

        AtomicFile.Write(target, stream =>
        {
            using var content = File.OpenRead(source);
            content.CopyTo(stream);
        });
        return true;
    }

    private static bool Equal(string source, string target)
    {
        if (!File.Exists(target) || new FileInfo(source).Length != new FileInfo(target).Length)
        {
            return false;
        }

        using var left = File.OpenRead(source);
        using var right = File.OpenRead(target);
        var leftBlock = new byte[1 << 17];
        var rightBlock = new byte[1 << 17];
        while (true)
        {
            var read = left.ReadAtLeast(leftBlock, leftBlock.Length, throwOnEndOfStream: false);
            var other = right.ReadAtLeast(rightBlock, rightBlock.Length, throwOnEndOfStream: false);
            if (!leftBlock.AsSpan(0, read).SequenceEqual(rightBlock.AsSpan(0, other)))
            {
                return false;
            }

            if (read == 0)
            {
                return true;
            }
        }
    }
}
