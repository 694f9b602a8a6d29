namespace ModelBuildTasks.Accessor;

/// <summary>The generated code that reads models, from a file or from the assembly. Every method ends in an empty line but the last, which follows the others.</summary>
internal static class AccessorReading
{
    /// <summary>Opens a model that lies beside the application.</summary>
    public const string OfFile = """
        private static global::System.IO.Stream OpenFile(string path)
        {
            if (!global::System.IO.File.Exists(path))
            {
                throw new global::System.IO.FileNotFoundException("The model is not beside the application. Copy the folder 'aimodels' along with it.", path);
            }
            return global::System.IO.File.OpenRead(path);
        }

        """;

    /// <summary>Opens a model that is in the assembly.</summary>
    public const string OfResource = """
        private static global::System.IO.Stream Open(string logicalName)
        {
            global::System.IO.Stream stream = typeof(AiModels).Assembly.GetManifestResourceStream(logicalName);
            if (stream == null)
            {
                throw new global::System.InvalidOperationException("The resource '" + logicalName + "' is not in the assembly. Build the project again.");
            }
            return stream;
        }

        """;

    /// <summary>Reads an open model to its end.</summary>
    public const string ToEnd = """
        private static byte[] ReadAll(global::System.IO.Stream model)
        {
            using (global::System.IO.Stream stream = model)
            {
                byte[] bytes = new byte[checked((int)stream.Length)];
                for (int offset = 0; offset < bytes.Length;)
                {
                    int count = stream.Read(bytes, offset, bytes.Length - offset);
                    if (count == 0)
                    {
                        throw new global::System.IO.EndOfStreamException();
                    }
                    offset += count;
                }
                return bytes;
            }
        }
        """;
}
