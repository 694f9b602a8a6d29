namespace ModelBuildTasks.Compression.Devices;

/// <summary>What a class of layers costs, on one thread.</summary>
/// <param name="Class">The class, with the numbers of the layer that was measured for it.</param>
/// <param name="Float">Nanoseconds for a thousand multiply-adds in float, with a Relu fused.</param>
/// <param name="Int8">Nanoseconds for a thousand multiply-adds on bytes, from bytes to bytes (products: to float).</param>
internal sealed record LayerCost(LayerClass Class, double Float, double Int8);
