namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>What the accuracy of a model is.</summary>
public enum Metric
{
    /// <summary>ctc where the labels are texts; top1 where the set has labels and the model has one class score output, agreement where it has scores but no labels, else cosine.</summary>
    Auto,

    /// <summary>The share of samples whose label has the highest score.</summary>
    Top1,

    /// <summary>The share of samples whose label is among the five highest scores.</summary>
    Top5,

    /// <summary>The share of samples on which the original and the compressed model choose the same class.</summary>
    Agreement,

    /// <summary>The mean cosine similarity of the outputs.</summary>
    Cosine,

    /// <summary>The share of characters that a text recognizer reads right.</summary>
    Ctc,
}
