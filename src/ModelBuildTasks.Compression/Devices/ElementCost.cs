namespace ModelBuildTasks.Compression.Devices;

/// <summary>What an operator without weights costs, on one thread.</summary>
/// <param name="Operator">The operator.</param>
/// <param name="Float">Nanoseconds for a thousand elements among float convolutions, into which the runtime may fuse it.</param>
/// <param name="Int8">The same among integer convolutions: on bytes, or, where no integer kernel exists (HardSwish), in float by itself; the border costs come on top.</param>
internal sealed record ElementCost(string Operator, double Float, double Int8);
