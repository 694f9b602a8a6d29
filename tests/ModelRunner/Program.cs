using ModelRunner;

// Runs every model of a folder in one process, because a start under emulation takes seconds. For run 0, 1 and so on, name.onnx reads name.<run>.<input>.bin and writes name.<run>.<output>.bin, raw tensors.
// Usage: ModelRunner <folder>
var models = Directory.GetFiles(args[0], "*.onnx").Order(StringComparer.Ordinal).ToList();
foreach (var model in models)
{
    ModelRun.Execute(model);
}

Console.WriteLine($"{models.Count} models");
return 0;
