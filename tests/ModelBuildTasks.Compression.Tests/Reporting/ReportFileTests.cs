using System.Text.Json;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Tests.Reporting;

[TestClass]
public sealed class ReportFileTests
{
    private readonly string folder = Directory.CreateTempSubdirectory("report").FullName;

    private string File => Path.Combine(folder, "digits.report.json");

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public void The_text_is_the_stable_shape_with_numbers_as_numbers()
    {
        ReportFile.Write(File, Reports.Digits with { Latency = new LatencyReport(0.5, 0.25, 0.5), CompressedBytes = 415_000, PackedBytes = 207_500 });

        Assert.AreEqual(
            """
            {
              "model": "digits.onnx",
              "variant": "int8",
              "device": "cpu",
              "formats": {
                "activations": "uint8",
                "weights": "int8",
                "pairBound": true
              },
              "integerPorts": [
                {
                  "name": "image",
                  "type": "uint8",
                  "scale": 0.0625,
                  "zeroPoint": 3
                }
              ],
              "toolVersion": "0.1.0",
              "originalBytes": 1660000,
              "compressedBytes": 415000,
              "packedBytes": 207500,
              "memoryBytes": 230000,
              "ratio": 4,
              "packedRatio": 8,
              "metric": {
                "name": "top1",
                "samples": 2000,
                "original": 0.9775,
                "compressed": 0.977,
                "drop": 0.0005,
                "interval": [
                  -0.001,
                  0.002
                ]
              },
              "sqnrDb": 38.25,
              "top5Original": 1,
              "top5Compressed": 0.9995,
              "agreement": 0.9985,
              "cosine": 0.9999,
              "outputs": [
                {
                  "name": "scores",
                  "sqnrDb": 38.5,
                  "cosine": 0.9998
                },
                {
                  "name": "hn",
                  "sqnrDb": 20.25,
                  "cosine": 0.995
                }
              ],
              "states": [
                {
                  "input": "h",
                  "output": "hn"
                }
              ],
              "expected": {
                "samples": 1500,
                "originalSqnrDb": 96.5,
                "compressedSqnrDb": 37.75
              },
              "latency": {
                "originalMs": 0.5,
                "compressedMs": 0.25,
                "ratio": 0.5
              },
              "sparsity": 0.125,
              "layers": [
                {
                  "name": "conv1",
                  "op": "Conv",
                  "format": "int8",
                  "sqnrDb": 44.5,
                  "outputSqnrDb": 51.25,
                  "bytesBefore": 6400,
                  "bytesAfter": 1800,
                  "reason": null
                },
                {
                  "name": "gelu",
                  "op": "Gelu",
                  "format": "float",
                  "sqnrDb": null,
                  "outputSqnrDb": null,
                  "bytesBefore": 0,
                  "bytesAfter": 0,
                  "reason": "no int8 kernel"
                }
              ],
              "regions": [
                {
                  "name": "conv1 … conv2",
                  "format": "int8",
                  "layers": [
                    "conv1",
                    "conv2"
                  ],
                  "operators": 3,
                  "int8Us": 12.5,
                  "floatUs": 20.25,
                  "reason": "bytes are faster"
                },
                {
                  "name": "conv3",
                  "format": "int8-weights",
                  "layers": [
                    "conv3"
                  ],
                  "operators": 1,
                  "int8Us": null,
                  "floatUs": null,
                  "reason": "no opinion"
                }
              ],
              "search": {
                "optimizeFor": "latency",
                "met": true,
                "trials": 5,
                "samples": 64,
                "sqnrDb": 30.5,
                "drop": 0.001,
                "layers": [
                  {
                    "name": "conv1",
                    "format": "int8",
                    "sqnrDb": 42.5
                  },
                  {
                    "name": "gelu",
                    "format": "float",
                    "sqnrDb": null
                  }
                ]
              },
              "gates": [
                {
                  "name": "MaxAccuracyDrop",
                  "limit": 0.005,
                  "value": 0.0005,
                  "passed": true
                },
                {
                  "name": "MinSqnr",
                  "limit": 30,
                  "value": null,
                  "passed": false
                }
              ],
              "warnings": [
                {
                  "code": "AIM3002",
                  "message": "The validation set is small."
                }
              ],
              "seconds": {
                "prepare": 0.25,
                "evaluate": 1.5
              }
            }

            """,
            System.IO.File.ReadAllText(File));
    }

    [TestMethod]
    public void What_was_written_is_read_again()
    {
        ReportFile.Write(File, Reports.Digits);

        Assert.IsTrue(ReportFile.TryRead(File, out var report));
        AssertSame(Reports.Digits, report);
    }

    [TestMethod]
    public void A_report_from_before_there_were_outputs_and_states_is_read()
    {
        ReportFile.Write(File, Reports.Digits with { Outputs = [], States = [] });
        System.IO.File.WriteAllText(File, System.IO.File.ReadAllText(File).Replace("\"outputs\": [],", "", StringComparison.Ordinal).Replace("\"states\": [],", "", StringComparison.Ordinal));

        Assert.IsTrue(ReportFile.TryRead(File, out var report));
        Assert.IsEmpty(report.Outputs);
    }

    [TestMethod]
    public void A_report_without_expected_outputs_has_the_members_of_earlier_ones_and_is_read()
    {
        ReportFile.Write(File, Reports.Digits with { Expected = null });

        Assert.DoesNotContain("expected", System.IO.File.ReadAllText(File));
        Assert.IsTrue(ReportFile.TryRead(File, out var report));
        AssertSame(Reports.Digits with { Expected = null }, report);
    }

    [TestMethod]
    public void The_lines_of_a_text_recognizer_are_read_again()
    {
        ReportFile.Write(File, Reports.Text);

        Assert.IsTrue(ReportFile.TryRead(File, out var report));
        AssertSame(Reports.Text, report);
        Assert.Contains("\"lines\": {\n    \"original\": 0.8525,\n    \"compressed\": 0.85,\n    \"labelled\": true\n  }", System.IO.File.ReadAllText(File));
    }

    [TestMethod]
    public void A_report_without_data_is_read_again()
    {
        var written = Reports.Digits with { Metric = null, SqnrDb = null, Top5Original = null, Top5Compressed = null, Agreement = null, Cosine = null, Latency = null, Layers = [], Gates = [], Warnings = [] };
        ReportFile.Write(File, written);

        Assert.IsTrue(ReportFile.TryRead(File, out var report));
        AssertSame(written, report);
    }

    [TestMethod]
    public void Letters_of_other_languages_stay_readable()
    {
        ReportFile.Write(File, Reports.Digits with { Model = "größe→数字.onnx" });

        Assert.Contains("\"größe→数字.onnx\"", System.IO.File.ReadAllText(File));
    }

    [TestMethod]
    public void Writing_the_same_report_again_leaves_the_file_alone()
    {
        Assert.IsTrue(ReportFile.Write(File, Reports.Digits));
        Assert.IsFalse(ReportFile.Write(File, Reports.Digits));
        Assert.IsTrue(ReportFile.Write(File, Reports.Digits with { Sparsity = 0.25 }));
    }

    [TestMethod]
    public void A_missing_report_is_absent() => Assert.IsFalse(ReportFile.TryRead(File, out _));

    [TestMethod]
    [DataRow("")]
    [DataRow("null")]
    [DataRow("[]")]
    [DataRow("{}")]
    [DataRow("{ \"model\": \"digits.onnx\" }")]
    [DataRow("not json")]
    public void A_report_of_another_shape_is_absent(string text)
    {
        System.IO.File.WriteAllText(File, text);

        Assert.IsFalse(ReportFile.TryRead(File, out _));
    }

    [TestMethod]
    public void A_truncated_report_is_absent()
    {
        ReportFile.Write(File, Reports.Digits);
        var bytes = System.IO.File.ReadAllBytes(File);
        for (var length = 0; length < bytes.Length - 2; length += 7)
        {
            System.IO.File.WriteAllBytes(File, bytes[..length]);
            Assert.IsFalse(ReportFile.TryRead(File, out _), $"{length} bytes");
        }
    }

    [TestMethod]
    [DataRow("layers")]
    [DataRow("gates")]
    [DataRow("warnings")]
    [DataRow("seconds")]
    [DataRow("toolVersion")]
    public void A_report_in_which_a_part_is_null_is_absent(string part)
    {
        ReportFile.Write(File, Reports.Digits);
        var json = System.Text.Json.Nodes.JsonNode.Parse(System.IO.File.ReadAllBytes(File))!.AsObject();
        json[part] = null;
        System.IO.File.WriteAllText(File, json.ToJsonString());

        Assert.IsFalse(ReportFile.TryRead(File, out _));
    }

    [TestMethod]
    [DataRow("layers")]
    [DataRow("compressedBytes")]
    [DataRow("sparsity")]
    public void A_report_that_lacks_a_part_is_absent(string part)
    {
        ReportFile.Write(File, Reports.Digits);
        var json = System.Text.Json.Nodes.JsonNode.Parse(System.IO.File.ReadAllBytes(File))!.AsObject();
        json.Remove(part);
        System.IO.File.WriteAllText(File, json.ToJsonString());

        Assert.IsFalse(ReportFile.TryRead(File, out _));
    }

    [TestMethod]
    public void Members_of_a_later_version_are_skipped()
    {
        ReportFile.Write(File, Reports.Digits);
        var json = System.Text.Json.Nodes.JsonNode.Parse(System.IO.File.ReadAllBytes(File))!.AsObject();
        json["energy"] = 3;
        System.IO.File.WriteAllText(File, json.ToJsonString());

        Assert.IsTrue(ReportFile.TryRead(File, out _));
    }

    [TestMethod]
    [DataRow("model", "5")]
    [DataRow("originalBytes", "1.5")]
    [DataRow("originalBytes", "\"5\"")]
    [DataRow("metric", "[]")]
    [DataRow("expected", "{}")]
    [DataRow("expected", "5")]
    [DataRow("layers", "{}")]
    [DataRow("gates", "[1]")]
    [DataRow("seconds", "[]")]
    public void A_report_with_a_part_of_another_kind_is_absent(string part, string value)
    {
        ReportFile.Write(File, Reports.Digits);
        var json = System.Text.Json.Nodes.JsonNode.Parse(System.IO.File.ReadAllBytes(File))!.AsObject();
        json[part] = System.Text.Json.Nodes.JsonNode.Parse(value);
        System.IO.File.WriteAllText(File, json.ToJsonString());

        Assert.IsFalse(ReportFile.TryRead(File, out _));
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    public void A_number_that_is_not_finite_is_never_written(double number)
    {
        var exception = Assert.ThrowsExactly<CompressionException>(() => ReportFile.Write(File, Reports.Digits with { SqnrDb = number }));

        Assert.AreEqual(DiagnosticCodes.InternalError, exception.Code);
        Assert.IsFalse(System.IO.File.Exists(File));
    }

    private static void AssertSame(CompressionReport expected, CompressionReport actual)
        => Assert.AreEqual(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));
}
