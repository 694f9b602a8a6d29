namespace ModelBuildTasks.Corpus.Tests.Text;

/// <summary>A picture of one line of text, and the text.</summary>
/// <param name="Pixels">[3, 48, 320] values from −1 to 1: blue, green, red; 0 right of the line.</param>
/// <param name="Text">What it shows.</param>
internal sealed record LabelledLine(float[] Pixels, string Text);
