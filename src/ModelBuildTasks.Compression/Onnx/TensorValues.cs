using System.Numerics.Tensors;
using Google.Protobuf;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>The values of constant tensors, whichever field holds them.</summary>
internal static class TensorValues
{
    public static DataType ElementType(this TensorProto tensor) => (DataType)tensor.DataType;

    /// <summary>The product of the dimensions: 1 for a scalar, 0 where a dimension is 0.</summary>
    /// <exception cref="OverflowException">
    /// A dimension is negative or the product is beyond 64 bits; never for a tensor of a loaded model.
    /// </exception>
    public static long ElementCount(this TensorProto tensor)
    {
        if (tensor.Dims.Any(long.IsNegative))
        {
            throw new OverflowException($"The tensor '{tensor.Name}' has a negative dimension.");
        }

        // A zero makes the tensor empty however large its other dimensions are.
        return tensor.Dims.Contains(0) ? 0 : tensor.Dims.Aggregate(1L, (product, dimension) => checked(product * dimension));
    }

    /// <summary>Bytes of the values as raw_data holds them, whichever field holds them here.</summary>
    public static long SizeInBytes(this TensorProto tensor) => tensor.ElementType() == DataType.String
        ? tensor.StringData.Sum(text => (long)text.Length)
        : tensor.ElementType().Bytes(tensor.ElementCount());

    /// <summary>The number of bytes, which a view of a file may have more of than a span can hold.</summary>
    public static long Size(this ByteString bytes) => FileView.Of(bytes)?.Length ?? bytes.Length;

    /// <summary>The little-endian row-major elements as raw_data has them; a view where raw_data holds them, else a copy. Weights are read by a <see cref="BytesReader"/>.</summary>
    /// <exception cref="InvalidOperationException">They exceed 2 GiB.</exception>
    public static ReadOnlySpan<byte> Bytes(this TensorProto tensor) => tensor.HasRawData ? tensor.RawData.Span : TypedFields.Pack(tensor);

    /// <summary>The values of a FLOAT tensor; a view where raw_data holds them, else a copy.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another element type.</exception>
    public static ReadOnlySpan<float> Singles(this TensorProto tensor) => tensor.View<float>(DataType.Float);

    /// <summary>The values of an INT64 tensor, a view where raw_data holds them; those of an INT32 tensor, widened.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another element type.</exception>
    public static ReadOnlySpan<long> Int64s(this TensorProto tensor)
    {
        if (tensor.ElementType() != DataType.Int32)
        {
            return tensor.View<long>(DataType.Int64);
        }

        var narrow = tensor.View<int>(DataType.Int32);
        var wide = new long[narrow.Length];
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] = narrow[i];
        }

        return wide;
    }

    /// <summary>A tensor with its values in raw_data.</summary>
    /// <param name="name">The initializer's name.</param>
    /// <param name="values">Row-major elements, as many as the product of <paramref name="dims"/>.</param>
    /// <param name="dims">The shape; none for a scalar.</param>
    /// <exception cref="ArgumentException">The number of values does not fit the shape.</exception>
    public static TensorProto Create(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> dims) =>
        Create(name, DataType.Float, values, dims);

    /// <inheritdoc cref="Create(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public static TensorProto Create(string name, ReadOnlySpan<sbyte> values, params ReadOnlySpan<long> dims) =>
        Create(name, DataType.Int8, values, dims);

    /// <inheritdoc cref="Create(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public static TensorProto Create(string name, ReadOnlySpan<byte> values, params ReadOnlySpan<long> dims) =>
        Create(name, DataType.Uint8, values, dims);

    /// <inheritdoc cref="Create(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public static TensorProto Create(string name, ReadOnlySpan<int> values, params ReadOnlySpan<long> dims) =>
        Create(name, DataType.Int32, values, dims);

    /// <inheritdoc cref="Create(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public static TensorProto Create(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> dims) =>
        Create(name, DataType.Int64, values, dims);

    /// <summary>Each value times a factor.</summary>
    public static float[] Scaled(ReadOnlySpan<float> values, float factor)
    {
        var scaled = values.ToArray();
        TensorPrimitives.Multiply(scaled, factor, scaled);
        return scaled;
    }

    /// <summary>A tensor of bytes that are there already.</summary>
    /// <inheritdoc cref="Create(string, ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public static TensorProto Create(string name, DataType type, ByteString bytes, params ReadOnlySpan<long> dims)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = bytes };
        tensor.Dims.AddRange(dims.ToArray());
        return tensor.SizeInBytes() == bytes.Size()
            ? tensor
            : throw new ArgumentException($"{bytes.Size()} bytes do not fill the shape [{string.Join(", ", tensor.Dims)}] of {type}.", nameof(bytes));
    }

    private static TensorProto Create<T>(string name, DataType type, ReadOnlySpan<T> values, ReadOnlySpan<long> dims)
        where T : unmanaged => Create(name, type, ByteString.CopyFrom(LittleEndian.Bytes(values)), dims);

    private static ReadOnlySpan<T> View<T>(this TensorProto tensor, DataType type)
        where T : unmanaged => tensor.ElementType() == type
            ? LittleEndian.Values<T>(tensor.Bytes())
            : throw new InvalidOperationException($"The tensor '{tensor.Name}' is {tensor.ElementType()}, not {type}.");
}
