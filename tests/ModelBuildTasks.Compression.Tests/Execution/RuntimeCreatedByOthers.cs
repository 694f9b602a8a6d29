using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;

namespace ModelBuildTasks.Compression.Tests.Execution;

/// <summary>The control of the telemetry test: on request, a child process creates ONNX Runtime's environment as any program would, before our code can.</summary>
internal static class RuntimeCreatedByOthers
{
    public const string Variable = "MODELBUILDTASKS_TESTS_CREATE_RUNTIME_FIRST";

    [ModuleInitializer]
    internal static void CreateOnRequest()
    {
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            _ = OrtEnv.Instance();
        }
    }
}
