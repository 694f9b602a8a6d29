using Microsoft.Build.Framework;

namespace ModelBuildTasks.Hosting;

/// <summary>Cores of the build, shared fairly with its other tasks, for as long as the request lives.</summary>
internal sealed class CoreRequest : IDisposable
{
    private readonly IBuildEngine9? engine;

    private CoreRequest(IBuildEngine9? engine, int count)
    {
        this.engine = engine;
        Count = count;
    }

    /// <summary>How many cores the task may use.</summary>
    public int Count { get; }

    /// <summary>Asks for cores.</summary>
    public static CoreRequest Of(IBuildEngine engine, int wanted)
    {
        if (engine is IBuildEngine9 engine9)
        {
            try
            {
                return new CoreRequest(engine9, engine9.RequestCores(wanted));
            }
            catch (NotImplementedException)
            {
                // Task hosts of older versions have the method without an implementation: then the processors decide.
                return new CoreRequest(null, Math.Min(wanted, Environment.ProcessorCount));
            }
        }

        return new CoreRequest(null, Math.Min(wanted, Environment.ProcessorCount));
    }

    /// <summary>Gives the cores back.</summary>
    public void Dispose() => engine?.ReleaseCores(Count);
}
