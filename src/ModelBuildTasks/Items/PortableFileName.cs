namespace ModelBuildTasks.Items;

/// <summary>Names that become names of files, on every system, since a project is built on several.</summary>
internal static class PortableFileName
{
    /// <summary>What to write instead of a name that is none.</summary>
    public const string Advice = "Use letters, digits, '-', '_' and '.'";

    /// <summary>Whether a file may have the name everywhere.</summary>
    public static bool IsValid(string name)
    {
        foreach (var character in name)
        {
            if (char.IsControl(character) || "<>:\"/\\|?*".Contains(character))
            {
                return false;
            }
        }

        return !name.StartsWith('.') && !name.EndsWith('.');
    }
}
