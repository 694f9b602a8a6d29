using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>Creates ONNX Runtime's environment once a process: without telemetry and without a word on the console.</summary>
internal static partial class RuntimeEnvironment
{
    private const string TelemetryVariable = "ORT_DISABLE_TELEMETRY";

    private static readonly Lock Gate = new();

    private static bool prepared;

    /// <summary>To be called before anything else touches ONNX Runtime.</summary>
    /// <exception cref="CompressionException">AIM1301: the native library does not load here.</exception>
    public static void Prepare()
    {
        lock (Gate)
        {
            if (prepared)
            {
                return;
            }

            DisableTelemetry();
            CreateQuietly();
            prepared = true;
        }
    }

    private static void CreateQuietly()
    {
        try
        {
            if (!OrtEnv.IsCreated)
            {
                var options = new EnvironmentCreationOptions { logId = "ModelBuildTasks", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
                OrtEnv.CreateInstanceWithOptions(ref options);
            }
        }
        catch (Exception exception) when (((exception as TypeInitializationException)?.InnerException ?? exception) is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new CompressionException(
                DiagnosticCodes.HostNotSupported,
                null,
                $"ONNX Runtime's native library does not load on this build host ({RuntimeInformation.RuntimeIdentifier}). Build on linux-x64, linux-arm64 (glibc), win-x64, win-arm64 or osx-arm64.",
                exception);
        }
    }

    /// <summary>
    /// ONNX Runtime 1.31.1 writes a telemetry database (onnxruntime.db) under the user's cache folder, and may upload it, unless this variable is set when its environment is created.
    /// It reads the C library's environment; on Unix .NET keeps a copy of its own, so that <see cref="Environment.SetEnvironmentVariable(string, string?)"/> alone does not reach it.
    /// </summary>
    private static void DisableTelemetry()
    {
        Environment.SetEnvironmentVariable(TelemetryVariable, "1");
        if (OperatingSystem.IsWindows())
        {
            _ = SetWindowsVariable(TelemetryVariable, "1");
        }
        else
        {
            _ = SetUnixVariable(TelemetryVariable, "1", 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetUnixVariable(string name, string value, int overwrite);

    [LibraryImport("ucrtbase", EntryPoint = "_putenv_s", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetWindowsVariable(string name, string value);
}
