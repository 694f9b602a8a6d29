using System.Text;

namespace ModelBuildTasks.Items;

/// <summary>C# identifiers from the names of models, tensors and namespaces.</summary>
internal static class Identifier
{
    // A nested class may be named neither like its enclosing class or another member of that nor like one of its own members, and should hide nothing of System.Object.
    private static readonly string[] Taken =
    [
        "AiModels", "Open", "OpenFile", "Locate", "Existing", "ReadAll", "Unpack", "Damaged", "Choose", "Find", "Architecture", "HasVnni",
        "OpenRead", "ReadAllBytes", "CreateSession", "Summary", "Variant", "LogicalName", "FileName", "FilePath", "UnpackedLength", "PackedLength", "Chosen", "InputName", "InputShape", "InputScale", "InputZeroPoint", "OutputName", "OutputShape", "OutputScale", "OutputZeroPoint", "Inputs", "Outputs",
        "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString",
    ];

    /// <summary>digits → Digits, ocr_rec → OcrRec, class → Class, 3d → Model3d, mobilenetv2-7 → Mobilenetv2_7.</summary>
    public static string OfModel(string name)
    {
        var identifier = Pascal(name);
        return identifier.Length == 0 || char.IsDigit(identifier[0]) || Array.IndexOf(Taken, identifier) >= 0 ? "Model" + identifier : identifier;
    }

    /// <summary>input_ids → InputIds, input.1 → Input1, 0 → Tensor0; digits that a separator kept apart stay apart: a.1.2 → A1_2.</summary>
    public static string OfTensor(string name)
    {
        var identifier = Pascal(name);
        return identifier.Length == 0 || char.IsDigit(identifier[0]) ? "Tensor" + identifier : identifier;
    }

    /// <summary>A namespace that compiles: My-App.class → My_App.@class; empty stays empty.</summary>
    public static string OfNamespace(string name)
    {
        var parts = name.Split('.', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
        {
            var part = new StringBuilder(parts[i]);
            for (var j = 0; j < part.Length; j++)
            {
                part[j] = char.IsLetterOrDigit(part[j]) ? part[j] : '_';
            }

            // All keywords are in lower case. The @ makes a keyword a name, and any other name stays what it is.
            var prefix = char.IsDigit(part[0]) ? "_" : char.IsLower(part[0]) ? "@" : "";
            parts[i] = prefix + part;
        }

        return string.Join('.', parts);
    }

    private static string Pascal(string name)
    {
        var identifier = new StringBuilder(name.Length);
        var startsWord = true;
        foreach (var character in name)
        {
            if (!char.IsLetterOrDigit(character))
            {
                startsWord = true;
                continue;
            }

            if (startsWord && identifier.Length > 0 && char.IsDigit(character) && char.IsDigit(identifier[^1]))
            {
                identifier.Append('_');
            }

            identifier.Append(startsWord ? char.ToUpperInvariant(character) : character);
            startsWord = false;
        }

        return identifier.ToString();
    }
}
