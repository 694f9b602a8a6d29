using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Corpus.Tests.Models;
using ModelBuildTasks.Corpus.Tests.Trials;

namespace ModelBuildTasks.Corpus.Tests;

/// <summary>The three networks of an application that reads text from pictures (PP-OCR).</summary>
[TestClass]
public sealed class TextReaderTests
{
    [TestMethod]
    [DataRow("ch_ppocr_mobile_v2.0_cls_infer.onnx", 48, 192, 2.6)]
    [DataRow("ch_PP-OCRv4_det_infer.onnx", 96, 96, 3.0)]
    [DataRow("ch_PP-OCRv4_rec_infer.onnx", 48, 96, 3.3)]
    public void As_int8_it_is_smaller_and_runs(string name, int height, int width, double ratio)
    {
        Corpus.Require();
        var model = Corpus.Find(name);
        var folder = Directory.CreateTempSubdirectory("corpus-").FullName;
        try
        {
            // What bytes are stored does not depend on the size of the picture: a small one is quick.
            var inputs = Inputs(model, height, width);
            var compressed = Path.Combine(folder, "compressed.onnx");
            var layers = StaticInt8.Write(model, [inputs], compressed);

            Assert.IsGreaterThanOrEqualTo(ratio, (double)new FileInfo(model).Length / new FileInfo(compressed).Length);
            Assert.Contains("int8", layers.Select(layer => layer.Format));
            using var session = ModelSession.Open(compressed, new SessionSettings());
            var elements = 0L;
            session.Run(inputs, (_, _, shape, _) => elements += shape.ToArray().Aggregate(1L, (product, dimension) => product * dimension), CancellationToken.None);
            Assert.IsGreaterThan(0, elements);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Dictionary<string, ModelValue> Inputs(string model, int height, int width)
    {
        using var session = ModelSession.Open(model, new SessionSettings());
        return new() { [session.Inputs.Single().Name] = MadeUpInputs.Image(height, width) };
    }
}
