namespace ModelBuildTasks.Compression.Execution;

/// <summary>Which inputs and outputs of an operator have the types that its kernels are chosen by (table OpIdKernelTypeStrArgsEntry of an .ort file).</summary>
/// <param name="Operator">Domain, name and version: "com.microsoft:QGemm:1".</param>
/// <param name="Types">By name, in ordinal order: the arguments of each, in the order of the file.</param>
internal sealed record KernelTypes(string Operator, IReadOnlyList<(string Name, IReadOnlyList<(byte Kind, uint Index)> Arguments)> Types)
{
    /// <summary>Reads the vector of a file; sorted, as the runtime writes them in the order of a hash table that differs from run to run.</summary>
    public static IReadOnlyList<KernelTypes> Read(FlatBuffer buffer, int vector)
    {
        var operators = new List<KernelTypes>();
        foreach (var entry in buffer.Tables(vector))
        {
            var types = new List<(string, IReadOnlyList<(byte, uint)>)>();
            foreach (var type in buffer.Tables(buffer.Reference(entry, 1)))
            {
                var arguments = new List<(byte, uint)>();
                foreach (var argument in buffer.Tables(buffer.Reference(type, 1)))
                {
                    arguments.Add((buffer.Byte(buffer.Field(argument, 0)), buffer.UInt32(buffer.Field(argument, 1))));
                }

                types.Add((buffer.Text(buffer.Reference(type, 0)), arguments));
            }

            types.Sort((left, right) => string.CompareOrdinal(left.Item1, right.Item1));
            operators.Add(new(buffer.Text(buffer.Reference(entry, 0)), types));
        }

        operators.Sort((left, right) => string.CompareOrdinal(left.Operator, right.Operator));
        return operators;
    }

    /// <summary>Writes a vector of them, and what it refers to behind it.</summary>
    public static void Write(FlatBufferHead head, IReadOnlyList<KernelTypes> operators)
    {
        foreach (var (entry, content) in head.Vector(operators.Count).Zip(operators))
        {
            var fields = head.Table(entry, 0, 1);
            Text(head, fields[0], content.Operator);
            head.PointHere(fields[1]);
            foreach (var (type, (name, arguments)) in head.Vector(content.Types.Count).Zip(content.Types))
            {
                var typeFields = head.Table(type, 0, 1);
                Text(head, typeFields[0], name);
                head.PointHere(typeFields[1]);
                foreach (var (argument, (kind, index)) in head.Vector(arguments.Count).Zip(arguments))
                {
                    // The kind is one byte of its four.
                    var argumentFields = head.Table(argument, 0, 1);
                    head.Set(argumentFields[0], kind);
                    head.Set(argumentFields[1], index);
                }
            }
        }
    }

    private static void Text(FlatBufferHead head, int reference, string value)
    {
        head.PointHere(reference);
        head.Text(value);
    }
}
