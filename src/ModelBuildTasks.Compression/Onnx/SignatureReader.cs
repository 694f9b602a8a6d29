namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// Reads the few messages of a model file that its signature needs. The field numbers stand here once more because those of the generated classes would
/// load Google.Protobuf.
/// </summary>
internal sealed class SignatureReader(WireReader reader)
{
    private readonly List<OnnxPort> inputs = [];
    private readonly List<OnnxPort> outputs = [];
    private readonly HashSet<string> initializers = [];

    /// <exception cref="InvalidDataException">The file is damaged, or has no graph.</exception>
    public OnnxSignature Model(long length)
    {
        const int GraphField = 7;
        foreach (var field in reader.Fields(0, length))
        {
            if (field is { Number: GraphField, Type: WireType.LengthDelimited })
            {
                ReadGraph(field);
            }
        }

        return outputs.Count > 0
            ? new OnnxSignature(inputs.FindAll(input => !initializers.Contains(input.Name)), outputs)
            : throw new InvalidDataException("it has no graph with outputs");
    }

    private void ReadGraph(WireField graph)
    {
        const int InitializerField = 5;
        const int InputField = 11;
        const int OutputField = 12;
        const int SparseInitializerField = 15;
        const int SparseValuesField = 1;
        foreach (var field in reader.Fields(graph))
        {
            switch (field.Number, field.Type)
            {
                case (InitializerField, WireType.LengthDelimited):
                    initializers.Add(TensorName(field));
                    break;
                case (SparseInitializerField, WireType.LengthDelimited):
                    foreach (var values in reader.Messages(field, SparseValuesField))
                    {
                        initializers.Add(TensorName(values));
                    }

                    break;
                case (InputField, WireType.LengthDelimited):
                    inputs.Add(Port(field));
                    break;
                case (OutputField, WireType.LengthDelimited):
                    outputs.Add(Port(field));
                    break;
            }
        }
    }

    private string TensorName(WireField tensor)
    {
        const int NameField = 8;
        return reader.Text(tensor, NameField);
    }

    private OnnxPort Port(WireField valueInfo)
    {
        const int NameField = 1;
        const int TypeField = 2;
        const int TensorTypeField = 1;
        const int ElementTypeField = 1;
        const int ShapeField = 2;
        var elementType = 0;
        List<OnnxDimension>? shape = null;
        foreach (var type in reader.Messages(valueInfo, TypeField))
        {
            foreach (var tensorType in reader.Messages(type, TensorTypeField))
            {
                foreach (var field in reader.Fields(tensorType))
                {
                    if (field is { Number: ElementTypeField, Type: WireType.Varint })
                    {
                        elementType = (int)reader.Varint(field);
                    }
                    else if (field is { Number: ShapeField, Type: WireType.LengthDelimited })
                    {
                        ReadShape(field, shape ??= []);
                    }
                }
            }
        }

        return new OnnxPort(reader.Text(valueInfo, NameField), elementType, shape);
    }

    private void ReadShape(WireField shape, List<OnnxDimension> dimensions)
    {
        const int DimensionField = 1;
        const int SizeField = 1;
        const int NameField = 2;
        foreach (var dimension in reader.Messages(shape, DimensionField))
        {
            // The two are alternatives: the last one in the file counts.
            var read = new OnnxDimension(null, null);
            foreach (var field in reader.Fields(dimension))
            {
                read = field switch
                {
                    { Number: SizeField, Type: WireType.Varint } => new OnnxDimension((long)reader.Varint(field), null),
                    { Number: NameField, Type: WireType.LengthDelimited } => new OnnxDimension(null, reader.Text(field)),
                    _ => read,
                };
            }

            dimensions.Add(read);
        }
    }
}
