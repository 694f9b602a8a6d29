namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Where the channels of a value are.</summary>
/// <param name="Channels">How many there are.</param>
/// <param name="FromEnd">The axis, counted from the last one, which is 1.</param>
/// <param name="LeastRank">The rank that the value has at least: a constant of a higher one would add dimensions.</param>
/// <param name="IsSecond">Whether they lie along the second axis, where normalizations expect them.</param>
/// <param name="CountIsSure">Whether the value has that many channels, and not one that a constant broadcasts.</param>
internal readonly record struct ChannelPlace(long Channels, int FromEnd, int LeastRank, bool IsSecond, bool CountIsSure);
