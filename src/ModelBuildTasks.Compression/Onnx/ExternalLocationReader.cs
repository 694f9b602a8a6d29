namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Reads from a model file only where its external data lies. Field numbers stand here for the reason that <see cref="SignatureReader"/> gives.</summary>
internal sealed class ExternalLocationReader(WireReader reader)
{
    // As deep as Google.Protobuf follows messages: a model beyond that is refused when it is loaded.
    private const int DeepestGraph = 30;

    private readonly HashSet<string> locations = [];

    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public HashSet<string> Model(long length)
    {
        const int GraphField = 7;
        const int TrainingField = 20;
        const int FunctionsField = 25;
        const int InitializationField = 1;
        const int AlgorithmField = 2;
        foreach (var field in reader.Fields(0, length))
        {
            switch (field.Number, field.Type)
            {
                case (GraphField, WireType.LengthDelimited):
                    ReadGraph(field, DeepestGraph);
                    break;
                case (TrainingField, WireType.LengthDelimited):
                    foreach (var graph in reader.Messages(field, InitializationField).Concat(reader.Messages(field, AlgorithmField)))
                    {
                        ReadGraph(graph, DeepestGraph);
                    }

                    break;
                case (FunctionsField, WireType.LengthDelimited):
                    ReadFunction(field);
                    break;
            }
        }

        return locations;
    }

    private void ReadGraph(WireField graph, int depth)
    {
        const int NodeField = 1;
        const int InitializerField = 5;
        const int SparseInitializerField = 15;
        if (depth == 0)
        {
            throw new InvalidDataException("its graphs are nested too deeply");
        }

        foreach (var field in reader.Fields(graph))
        {
            switch (field.Number, field.Type)
            {
                case (NodeField, WireType.LengthDelimited):
                    ReadNode(field, depth);
                    break;
                case (InitializerField, WireType.LengthDelimited):
                    ReadTensor(field);
                    break;
                case (SparseInitializerField, WireType.LengthDelimited):
                    ReadSparseTensor(field);
                    break;
            }
        }
    }

    private void ReadFunction(WireField function)
    {
        const int NodeField = 7;
        const int AttributeField = 11;
        foreach (var node in reader.Messages(function, NodeField))
        {
            ReadNode(node, DeepestGraph);
        }

        foreach (var attribute in reader.Messages(function, AttributeField))
        {
            ReadAttribute(attribute, DeepestGraph);
        }
    }

    private void ReadNode(WireField node, int depth)
    {
        const int AttributeField = 5;
        foreach (var attribute in reader.Messages(node, AttributeField))
        {
            ReadAttribute(attribute, depth);
        }
    }

    private void ReadAttribute(WireField attribute, int depth)
    {
        const int TensorField = 5;
        const int GraphField = 6;
        const int TensorsField = 10;
        const int GraphsField = 11;
        const int SparseTensorField = 22;
        const int SparseTensorsField = 23;
        foreach (var field in reader.Fields(attribute).Where(field => field.Type == WireType.LengthDelimited))
        {
            switch (field.Number)
            {
                case TensorField or TensorsField:
                    ReadTensor(field);
                    break;
                case GraphField or GraphsField:
                    ReadGraph(field, depth - 1);
                    break;
                case SparseTensorField or SparseTensorsField:
                    ReadSparseTensor(field);
                    break;
            }
        }
    }

    private void ReadSparseTensor(WireField sparse)
    {
        const int ValuesField = 1;
        const int IndicesField = 2;
        foreach (var field in reader.Fields(sparse).Where(field => field is { Number: ValuesField or IndicesField, Type: WireType.LengthDelimited }))
        {
            ReadTensor(field);
        }
    }

    private void ReadTensor(WireField tensor)
    {
        const int ExternalDataField = 13;
        const int DataLocationField = 14;
        const int KeyField = 1;
        const int ValueField = 2;
        const int External = 1;
        var isExternal = false;
        string? location = null;
        foreach (var field in reader.Fields(tensor))
        {
            switch (field.Number, field.Type)
            {
                case (DataLocationField, WireType.Varint):
                    isExternal = reader.Varint(field) == External;
                    break;
                case (ExternalDataField, WireType.LengthDelimited) when reader.Text(field, KeyField) == "location":
                    location = reader.Text(field, ValueField);
                    break;
            }
        }

        if (isExternal && location is not null)
        {
            locations.Add(location);
        }
    }
}
