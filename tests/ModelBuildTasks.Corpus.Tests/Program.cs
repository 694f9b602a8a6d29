using Microsoft.Testing.Platform.Builder;
using ModelBuildTasks.Corpus.Tests;
using ModelBuildTasks.Corpus.Tests.Trials;

if (args is ["--table"])
{
    return CorpusRun.Run();
}

var builder = await TestApplication.CreateBuilderAsync(args);
builder.AddSelfRegisteredExtensions(args);
using var application = await builder.BuildAsync();
return await application.RunAsync();
