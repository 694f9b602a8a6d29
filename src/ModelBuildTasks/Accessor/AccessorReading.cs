namespace ModelBuildTasks.Accessor;

/// <summary>The generated code that reads models, from a file or from the assembly. Every method ends in an empty line but the last, which follows the others.</summary>
internal static class AccessorReading
{
    /// <summary>Finds and opens a model that lies beside the application.</summary>
    public const string OfFile = """
        private static string Locate(string fileName)
        {
            string name = fileName.Replace('/', global::System.IO.Path.DirectorySeparatorChar);
            string path = global::System.IO.Path.Combine(global::System.AppContext.BaseDirectory, name);
        #if NET6_0_OR_GREATER
            // A single file that extracts all it has runs in another folder than its own.
            string program = global::System.IO.Path.GetDirectoryName(global::System.Environment.ProcessPath);
            if (program != null && !global::System.IO.File.Exists(path) && global::System.IO.File.Exists(global::System.IO.Path.Combine(program, name)))
            {
                return global::System.IO.Path.Combine(program, name);
            }
        #endif
            return path;
        }

        private static string Existing(string path)
        {
            if (!global::System.IO.File.Exists(path))
            {
                throw new global::System.IO.FileNotFoundException("The model '" + path + "' is not beside the application. Copy the folder 'aimodels' along with it.", path);
            }
            return path;
        }

        private static global::System.IO.Stream OpenFile(string path) { return global::System.IO.File.OpenRead(Existing(path)); }

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

    /// <summary>Unpacks a model that is in the assembly. What its sizes are is known from the build, so that a wrong resource allocates nothing and a damaged one no byte more.</summary>
    public const string OfPackedResource = """
        private static byte[] Unpack(string logicalName, int length, int packedLength)
        {
            using (global::System.IO.Stream packed = Open(logicalName))
            {
                if (length <= 0 || packed.Length != packedLength)
                {
                    throw Damaged(logicalName, "it has " + packed.Length + " bytes instead of " + packedLength, null);
                }
                byte[] bytes = new byte[length];
                int read = 0;
                bool isLonger = false;
                using (global::System.IO.Compression.BrotliStream unpacked = new global::System.IO.Compression.BrotliStream(packed, global::System.IO.Compression.CompressionMode.Decompress))
                {
                    try
                    {
                        for (int count = 1; count > 0 && read < length; read += count)
                        {
                            count = unpacked.Read(bytes, read, length - read);
                        }
                        isLonger = read == length && unpacked.ReadByte() >= 0;
                    }
                    catch (global::System.Exception exception) when (exception is global::System.InvalidOperationException || exception is global::System.IO.InvalidDataException)
                    {
                        throw Damaged(logicalName, exception.Message, exception);
                    }
                }
                if (read < length || isLonger)
                {
                    throw Damaged(logicalName, "it unpacks to " + (isLonger ? "more" : read.ToString()) + " bytes instead of " + length, null);
                }
                return bytes;
            }
        }

        private static global::System.IO.InvalidDataException Damaged(string logicalName, string reason, global::System.Exception cause)
        {
            return new global::System.IO.InvalidDataException("The packed model in the resource '" + logicalName + "' is damaged: " + reason + ". Build the project again.", cause);
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
