namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Where the smallest magnitudes end. Magnitudes are in the order of their bit patterns: finite values, then infinity, then NaN.</summary>
/// <param name="Value">The largest of the wanted magnitudes; 0 where none is wanted.</param>
/// <param name="Below">How many magnitudes are less: all of them are wanted.</param>
/// <param name="Ties">How many of those that are equal are wanted; at least 1, but 0 where none is wanted.</param>
internal readonly record struct MagnitudeThreshold(float Value, long Below, long Ties);
