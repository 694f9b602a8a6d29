namespace ModelBuildTasks.Corpus.Tests.Trials;

/// <summary>What became of a model in one trial.</summary>
internal enum OutcomeKind
{
    /// <summary>At least one layer is stored as bytes, and the result is right.</summary>
    Quantized,

    /// <summary>Nothing was stored as bytes, and the result is right.</summary>
    Unchanged,

    /// <summary>Refused with a code that tells the user why.</summary>
    Refused,

    /// <summary>An unexpected exception, a file that does not load, or a wrong result.</summary>
    Defect,
}
