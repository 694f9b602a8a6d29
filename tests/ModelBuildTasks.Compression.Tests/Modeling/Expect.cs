using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Tests.Modeling;

internal static class Expect
{
    /// <summary>The coded error of an action, which must be one line that names its file.</summary>
    public static CompressionException Error(string code, Action action)
    {
        var error = Assert.ThrowsExactly<CompressionException>(action);
        Assert.AreEqual(code, error.Code, error.Message);
        Assert.DoesNotContain("\n", error.Message);
        if (error.File is not null)
        {
            Assert.Contains(error.File, error.Message);
        }

        return error;
    }
}
