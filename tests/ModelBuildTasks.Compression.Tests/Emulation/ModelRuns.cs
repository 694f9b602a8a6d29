using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Tests.Emulation;

namespace ModelBuildTasks.Compression.Tests.Emulation;

/// <summary>Models with their inputs, run together by tests/ModelRunner: on this machine's processor or an emulated one, since a start under emulation takes seconds.</summary>
internal sealed class ModelRuns : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <param name="name">Names its outputs.</param>
    /// <param name="model">The model file; its inputs have fixed shapes.</param>
    /// <param name="inputs">The inputs of each run.</param>
    public ModelRuns Add(string name, byte[] model, params IReadOnlyList<(string Name, byte[] Values)[]> inputs)
    {
        folder.Write($"{name}.onnx", model);
        for (var run = 0; run < inputs.Count; run++)
        {
            foreach (var (input, values) in inputs[run])
            {
                folder.Write($"{name}.{run}.{input}.bin", values);
            }
        }

        return this;
    }

    /// <summary>Runs all models. Outputs of an earlier run are written over.</summary>
    /// <param name="processor">Null is this machine's.</param>
    public ModelRuns Run(EmulatedProcessor? processor)
    {
        var runner = Runner;
        if (processor is null)
        {
            EmulatedProgram.Run(Dotnet, ["exec", runner, folder.Path], TimeSpan.FromMinutes(1));
        }
        else
        {
            processor.Run(Dotnet, "exec", runner, folder.Path);
        }

        return this;
    }

    /// <summary>An output of one run.</summary>
    public byte[] Output(string name, string output, int run = 0) => File.ReadAllBytes(folder.File($"{name}.{run}.{output}.bin"));

    public void Dispose() => folder.Dispose();

    /// <summary>The runner of this build's configuration: tests/ModelRunner/bin/Debug/net10.0 for tests/ModelBuildTasks.Compression.Tests/bin/Debug/net10.0.</summary>
    private static string Runner
    {
        get
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory);
            var framework = output.Name;
            var configuration = output.Parent!;
            return Path.Combine(configuration.Parent!.Parent!.Parent!.FullName, "ModelRunner", "bin", configuration.Name, framework, "ModelRunner.dll");
        }
    }

    /// <summary>The `dotnet` whose runtime runs this process.</summary>
    private static string Dotnet { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
