namespace ModelBuildTasks.Compression.Execution;

/// <summary>What an input takes or an output gives.</summary>
internal enum PortKind
{
    /// <summary>A tensor of numbers or strings.</summary>
    Tensor,

    /// <summary>A sequence of tensors; as an output also of maps.</summary>
    Sequence,

    /// <summary>A map.</summary>
    Map,

    /// <summary>A sparse tensor, a sequence of sequences or something newer.</summary>
    Other,
}
