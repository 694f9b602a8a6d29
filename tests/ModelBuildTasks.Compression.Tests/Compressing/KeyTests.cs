using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Search;

namespace ModelBuildTasks.Compression.Tests.Compressing;

[TestClass]
public sealed class KeyTests : IDisposable
{
    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    public void Equal_contents_in_two_folders_have_equal_keys()
    {
        using var clone = new SmallJob();
        Assert.AreEqual(Keys(job.Request), Keys(clone.Request));
    }

    [TestMethod]
    public void Outputs_names_and_the_cache_are_in_no_key() =>
        Assert.AreEqual(Keys(job.Request), Keys(job.Request with { Name = "other", OutputFolder = job.File("a"), CacheFolder = job.File("b"), RemeasureLatency = true }));

    [TestMethod]
    public void The_model_is_in_every_key() => AssertChange(job.Request with { ModelPath = job.WriteModel("other.onnx", seed: 9) }, calibration: true, compression: true);

    [TestMethod]
    public void Calibration_data_is_in_every_key() => AssertChange(job.Request with { Calibration = [job.WriteData("data2.npz", 40, seed: 9)] }, calibration: true, compression: true);

    [TestMethod]
    public void The_way_images_become_tensors_is_in_every_key() => AssertChange(job.Request with { Images = new ImageOptions { Mean = [0.5f] } }, calibration: true, compression: true);

    [TestMethod]
    [DataRow(CalibrationMethod.MinMax)]
    [DataRow(CalibrationMethod.Mse)]
    public void The_calibration_method_is_in_every_key(CalibrationMethod method) => AssertChange(job.Request with { CalibrationMethod = method }, calibration: true, compression: true);

    [TestMethod]
    public void The_mode_compresses_again() => AssertChange(job.Request with { Quantize = QuantizationMode.Int8Weights }, calibration: false, compression: true);

    [TestMethod]
    public void A_layer_kept_float_compresses_again() => AssertChange(job.Request with { KeepFloat = ["a"] }, calibration: false, compression: true);

    [TestMethod]
    public void Another_cost_table_compresses_again() => AssertChange(job.Request with { Device = job.Request.Device with { Costs = CostTable.X64 } }, calibration: false, compression: true);

    [TestMethod]
    public void Patterns_do_not_run_together() => Assert.AreNotEqual(Keys(job.Request with { KeepFloat = ["ab"] }), Keys(job.Request with { KeepFloat = ["a", "b"] }));

    [TestMethod]
    public void The_metric_only_judges_again() => AssertChange(job.Request with { Metric = Compression.Evaluation.Metric.Cosine }, calibration: false, compression: false);

    [TestMethod]
    public void What_steers_the_search_searches_again()
    {
        foreach (var change in Steering())
        {
            AssertChange(change(Auto), Auto, calibration: false, compression: true);
        }
    }

    [TestMethod]
    public void What_steers_the_search_is_in_no_other_key()
    {
        foreach (var mode in Enum.GetValues<QuantizationMode>().Where(mode => mode != QuantizationMode.Auto))
        {
            var request = job.Request with { Quantize = mode };

            Assert.AreEqual(Keys(request), Keys(request with { MaxAccuracyDrop = 0.5, MinSqnr = 30, OptimizeFor = OptimizationGoal.Size }), mode.ToString());
        }
    }

    [TestMethod]
    public void The_effort_compresses_again_wherever_samples_tell_how_to_round()
    {
        foreach (var mode in Enum.GetValues<QuantizationMode>().Except([QuantizationMode.None, QuantizationMode.Float16]))
        {
            var request = job.Request with { Quantize = mode };

            AssertChange(request with { Effort = Effort.Fast }, request, calibration: false, compression: true);
            AssertChange(request with { Effort = Effort.Best }, request, calibration: false, compression: true);
        }
    }

    [TestMethod]
    public void The_effort_is_in_no_key_where_there_is_nothing_to_round_by()
    {
        var halfPrecision = job.Request.Device with { Name = "fp16", Activations = NumericFormat.Float16, Weights = NumericFormat.Float16 };
        CompressionRequest[] requests =
        [
            .. Enum.GetValues<QuantizationMode>().Except([QuantizationMode.Auto]).Select(mode => job.Request with { Quantize = mode, Calibration = [] }),
            job.Request with { Quantize = QuantizationMode.None },
            job.Request with { Quantize = QuantizationMode.Float16 },
            job.Request with { Device = halfPrecision },
            job.Request with { Calibration = [], Ranges = Written("model.ranges.json", "{}"), Validation = [job.DataPath] },
        ];

        foreach (var request in requests)
        {
            Assert.AreEqual(Keys(request), Keys(request with { Effort = Effort.Best }), request.ToString());
        }
    }

    [TestMethod]
    public void Samples_beside_a_ranges_file_do_not_tell_how_to_round()
    {
        var request = job.Request with { Ranges = Written("model.ranges.json", "{}") };

        Assert.AreEqual(Keys(request), Keys(request with { Effort = Effort.Fast }));
    }

    [TestMethod]
    public void The_keys_of_a_text_recognizer_judge_again_and_steer_a_search()
    {
        var request = job.Request with { Keys = Written("keys.txt", "a\nb\n") };
        var others = Written("others.txt", "b\na\n");

        AssertChange(request with { Keys = others }, request, calibration: false, compression: false);
        AssertChange(request with { Keys = others, Quantize = QuantizationMode.Auto }, request with { Quantize = QuantizationMode.Auto }, calibration: false, compression: true);
    }

    [TestMethod]
    public void The_same_keys_elsewhere_are_the_same() => Assert.AreEqual(Keys(Auto with { Keys = Written("keys.txt", "a\n") }), Keys(Auto with { Keys = Written("copy.txt", "a\n") }));

    [TestMethod]
    public void A_validation_set_frees_the_held_out_half_for_calibration() =>
        AssertChange(job.Request with { Validation = [job.WriteData("judge.npz", 4, seed: 4)] }, calibration: true, compression: true);

    [TestMethod]
    public void A_file_that_moves_to_another_class_changes_the_key()
    {
        Directory.CreateDirectory(job.File("images/a"));
        Directory.CreateDirectory(job.File("images/b"));
        File.WriteAllText(job.File("images/a/1.png"), "picture");
        var before = Keys(job.Request with { Calibration = [job.File("images")] });
        File.Move(job.File("images/a/1.png"), job.File("images/b/1.png"));
        Assert.AreNotEqual(before.Calibration, Keys(job.Request with { Calibration = [job.File("images")] }).Calibration);
    }

    [TestMethod]
    public void The_preprocessing_file_of_a_folder_of_images_is_in_every_key()
    {
        Directory.CreateDirectory(job.File("images"));
        File.WriteAllText(job.File("images/1.png"), "picture");
        File.WriteAllText(job.File("images/preprocessing.json"), "{\"mean\": [0.5]}");
        var before = Keys(job.Request with { Calibration = [job.File("images")] });
        File.WriteAllText(job.File("images/preprocessing.json"), "{\"mean\": [0.4]}");
        var after = Keys(job.Request with { Calibration = [job.File("images")] });
        Assert.AreNotEqual(before.Calibration, after.Calibration);
        Assert.AreNotEqual(before.Compression, after.Compression);
        Assert.AreNotEqual(before.Evaluation, after.Evaluation);
    }

    private CompressionRequest Auto => job.Request with { Quantize = QuantizationMode.Auto };

    private static IEnumerable<Func<CompressionRequest, CompressionRequest>> Steering() =>
    [
        request => request with { MaxAccuracyDrop = 0.02 },
        request => request with { MinSqnr = 30 },
        request => request with { OptimizeFor = OptimizationGoal.Size },
        request => request with { Metric = Compression.Evaluation.Metric.Cosine },
    ];

    private string Written(string name, string text)
    {
        File.WriteAllText(job.File(name), text);
        return job.File(name);
    }

    private void AssertChange(CompressionRequest changed, bool calibration, bool compression) => AssertChange(changed, job.Request, calibration, compression);

    private static void AssertChange(CompressionRequest changed, CompressionRequest original, bool calibration, bool compression)
    {
        var before = Keys(original);
        var after = Keys(changed);
        Assert.AreEqual(calibration, before.Calibration != after.Calibration);
        Assert.AreEqual(compression, before.Compression != after.Compression);
        Assert.AreNotEqual(before.Evaluation, after.Evaluation);
    }

    private static CompressionKeys Keys(CompressionRequest request) => CompressionKeys.Of(request, ContentHash.OfFile);
}
