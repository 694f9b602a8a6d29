namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// Reads the few messages of a model file that its signature needs. The field numbers stand here once more because those of the generated
/// classes would load Google.Protobuf.
/// </summary>
internal sealed class SignatureReader(WireReader reader)
{
    private readonly List<OnnxPort> inputs = [];
    private readonly List<OnnxPort> outputs = [];
    private readonly HashSet<string> initializers = [];
    private readonly Dictionary<string, string> metadata = [];

    /// <exception cref="InvalidDataException">The file is damaged, or has no graph.</exception>
    public OnnxSignature Model(long length)
    {
        const int GraphField = 7;
        const int MetadataField = 14;
        var position = 0L;
        while (reader.Next(ref position, length, out var field))
        {
            if (field is { Number: GraphField, Type: WireType.LengthDelimited })
            {
                ReadGraph(field);
            }
            else if (field is { Number: MetadataField, Type: WireType.LengthDelimited })
            {
                ReadMetadata(field);
            }
        }

        return outputs.Count > 0
            ? new OnnxSignature(
                inputs.FindAll(input => !initializers.Contains(input.Name)).ConvertAll(input => input with { Quantization = PortQuantization.Find(metadata, PortQuantization.InputKeys(input.Name)) }),
                outputs.ConvertAll(output => output with { Quantization = PortQuantization.Find(metadata, PortQuantization.OutputKeys(output.Name)) }))
            : throw new InvalidDataException("it has no graph with outputs");
    }

    private void ReadMetadata(WireField entry)
    {
        const int KeyField = 1;
        const int ValueField = 2;
        var key = reader.Text(entry, KeyField);
        if (key.StartsWith(PortQuantization.KeyPrefix, StringComparison.Ordinal))
        {
            metadata[key] = reader.Text(entry, ValueField);
        }
    }

    private void ReadGraph(WireField graph)
    {
        const int InitializerField = 5;
        const int InputField = 11;
        const int OutputField = 12;
        const int SparseInitializerField = 15;
        var position = graph.Content;
        while (reader.Next(ref position, graph.End, out var field))
        {
            switch (field.Number)
            {
                case InitializerField when field.Type == WireType.LengthDelimited:
                    initializers.Add(TensorName(field));
                    break;
                case SparseInitializerField when field.Type == WireType.LengthDelimited:
                    ReadSparseInitializer(field);
                    break;
                case InputField when field.Type == WireType.LengthDelimited:
                    inputs.Add(Port(field));
                    break;
                case OutputField when field.Type == WireType.LengthDelimited:
                    outputs.Add(Port(field));
                    break;
            }
        }
    }

    private void ReadSparseInitializer(WireField sparse)
    {
        const int ValuesField = 1;
        var position = sparse.Content;
        while (reader.Next(ref position, sparse.End, out var field))
        {
            if (field is { Number: ValuesField, Type: WireType.LengthDelimited })
            {
                initializers.Add(TensorName(field));
            }
        }
    }

    private string TensorName(WireField tensor)
    {
        const int NameField = 8;
        var name = "";
        var position = tensor.Content;
        while (reader.Next(ref position, tensor.End, out var field))
        {
            name = field is { Number: NameField, Type: WireType.LengthDelimited } ? reader.Text(field) : name;
        }

        return name;
    }

    private OnnxPort Port(WireField valueInfo)
    {
        const int NameField = 1;
        const int TypeField = 2;
        var port = new OnnxPort("", 0, null);
        var position = valueInfo.Content;
        while (reader.Next(ref position, valueInfo.End, out var field))
        {
            port = field switch
            {
                { Number: NameField, Type: WireType.LengthDelimited } => port with { Name = reader.Text(field) },
                { Number: TypeField, Type: WireType.LengthDelimited } => WithType(port, field),
                _ => port,
            };
        }

        return port;
    }

    private OnnxPort WithType(OnnxPort port, WireField type)
    {
        const int TensorTypeField = 1;
        var position = type.Content;
        while (reader.Next(ref position, type.End, out var field))
        {
            port = field is { Number: TensorTypeField, Type: WireType.LengthDelimited } ? WithTensorType(port, field) : port;
        }

        return port;
    }

    private OnnxPort WithTensorType(OnnxPort port, WireField tensorType)
    {
        const int ElementTypeField = 1;
        const int ShapeField = 2;
        var position = tensorType.Content;
        while (reader.Next(ref position, tensorType.End, out var field))
        {
            port = field switch
            {
                { Number: ElementTypeField, Type: WireType.Varint } => port with { ElementType = (int)reader.Varint(field) },
                { Number: ShapeField, Type: WireType.LengthDelimited } => port with { Shape = Shape(field) },
                _ => port,
            };
        }

        return port;
    }

    private List<OnnxDimension> Shape(WireField shape)
    {
        const int DimensionField = 1;
        var dimensions = new List<OnnxDimension>();
        var position = shape.Content;
        while (reader.Next(ref position, shape.End, out var field))
        {
            if (field is { Number: DimensionField, Type: WireType.LengthDelimited })
            {
                dimensions.Add(Dimension(field));
            }
        }

        return dimensions;
    }

    private OnnxDimension Dimension(WireField dimension)
    {
        const int SizeField = 1;
        const int NameField = 2;

        // The two are alternatives: the last one in the file counts.
        var read = new OnnxDimension(null, null);
        var position = dimension.Content;
        while (reader.Next(ref position, dimension.End, out var field))
        {
            read = field switch
            {
                { Number: SizeField, Type: WireType.Varint } => new OnnxDimension((long)reader.Varint(field), null),
                { Number: NameField, Type: WireType.LengthDelimited } => new OnnxDimension(null, reader.Text(field)),
                _ => read,
            };
        }

        return read;
    }
}
