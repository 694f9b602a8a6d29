namespace ModelBuildTasks.Compression.Tests.Architecture;

[TestClass]
public sealed class SurfaceTests
{
    [TestMethod]
    public void The_library_knows_no_MSBuild() => Assert.AreEqual(
        "",
        string.Join('\n', typeof(ModelCompressor).Assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("Microsoft.Build", StringComparison.Ordinal))));

    [TestMethod]
    public void Only_intended_types_are_public() => Assert.AreEqual(
        """
        ModelBuildTasks.Compression.Calibration.CalibrationMethod
        ModelBuildTasks.Compression.Calibration.ImageOptions
        ModelBuildTasks.Compression.CompressionProgress
        ModelBuildTasks.Compression.CompressionRequest
        ModelBuildTasks.Compression.CompressionResult
        ModelBuildTasks.Compression.Devices.CostTable
        ModelBuildTasks.Compression.Devices.DeviceProfile
        ModelBuildTasks.Compression.Devices.NumericFormat
        ModelBuildTasks.Compression.Diagnostics.CompressionException
        ModelBuildTasks.Compression.Diagnostics.DiagnosticCodes
        ModelBuildTasks.Compression.Evaluation.Metric
        ModelBuildTasks.Compression.ModelCompressor
        ModelBuildTasks.Compression.ModelFormat
        ModelBuildTasks.Compression.Packaging.ResourceCompression
        ModelBuildTasks.Compression.Passes.Effort
        ModelBuildTasks.Compression.Pruning.PruneMethod
        ModelBuildTasks.Compression.Pruning.PruningOptions
        ModelBuildTasks.Compression.Pruning.SparsityPattern
        ModelBuildTasks.Compression.Quantization.QuantizationMode
        ModelBuildTasks.Compression.Reporting.CompressionReport
        ModelBuildTasks.Compression.Reporting.ExpectedReport
        ModelBuildTasks.Compression.Reporting.FormatsReport
        ModelBuildTasks.Compression.Reporting.GateReport
        ModelBuildTasks.Compression.Reporting.IntegerPortReport
        ModelBuildTasks.Compression.Reporting.LatencyReport
        ModelBuildTasks.Compression.Reporting.LayerReport
        ModelBuildTasks.Compression.Reporting.LinesReport
        ModelBuildTasks.Compression.Reporting.MetricReport
        ModelBuildTasks.Compression.Reporting.OutputReport
        ModelBuildTasks.Compression.Reporting.PrunedLayerReport
        ModelBuildTasks.Compression.Reporting.PruningReport
        ModelBuildTasks.Compression.Reporting.RegionReport
        ModelBuildTasks.Compression.Reporting.SearchReport
        ModelBuildTasks.Compression.Reporting.SearchedLayerReport
        ModelBuildTasks.Compression.Reporting.SharingReport
        ModelBuildTasks.Compression.Reporting.StateReport
        ModelBuildTasks.Compression.Reporting.WarningReport
        ModelBuildTasks.Compression.Search.OptimizationGoal
        ModelBuildTasks.Compression.WeightSharing.SharingOptions
        """,
        string.Join('\n', typeof(ModelCompressor).Assembly.GetExportedTypes().Select(type => type.FullName).Order(StringComparer.Ordinal)));
}
