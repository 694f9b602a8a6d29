using System.Text;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Evaluation.Texts;

/// <summary>Scores written as the best class of each step: a letter of the keys a, b and c, _ for the space behind them, - for the blank.</summary>
internal static class TextPaths
{
    /// <summary>The blank, three keys and the space.</summary>
    public const int Classes = 5;

    /// <summary>One where the path goes, zero elsewhere: [steps, classes].</summary>
    public static float[] Scores(string path) => [.. path.SelectMany(step => Enumerable.Range(0, Classes).Select(@class => "-abc_"[@class] == step ? 1f : 0f))];

    /// <summary>A file of the keys.</summary>
    public static TextKeys Keys(TemporaryFolder folder, string content = "a\nb\nc\n") => TextKeys.Load(folder.Write("keys.txt", Encoding.UTF8.GetBytes(content)));
}
