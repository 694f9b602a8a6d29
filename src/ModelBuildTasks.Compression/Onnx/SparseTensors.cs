using System.Numerics;
using System.Numerics.Tensors;
using Google.Protobuf;
using Google.Protobuf.Collections;
using ModelBuildTasks.Compression.Diagnostics;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Sparse tensors (SparseTensorProto in the specification): values other than zero, and where they stand.</summary>
internal static class SparseTensors
{
    /// <summary>The tensor with its zeros, under the name of the values; empty texts where they are strings.</summary>
    /// <param name="sparse">As it was loaded; its indices are positions in the whole tensor, or one row of coordinates for each value.</param>
    /// <param name="path">The model, for errors.</param>
    /// <exception cref="CompressionException">
    /// AIM1002: the shape is wrong, or the indices are not in it, not ascending or not as many as the values. AIM1008: the tensor exceeds what the heap takes at once (2 GiB).
    /// </exception>
    public static TensorProto ToDense(SparseTensorProto sparse, string path)
    {
        var values = sparse.Values ?? throw Wrong(sparse, path, "no values");
        var dense = new TensorProto { Name = values.Name, DataType = values.DataType };
        dense.Dims.AddRange(sparse.Dims);
        ModelChecks.CheckShape(dense, path);
        if (values.Dims.Count != 1)
        {
            throw Wrong(sparse, path, $"values of the shape [{string.Join(", ", values.Dims)}]");
        }

        var isText = values.ElementType() == DataType.String;
        if (!isText && values.ElementType().Bits() == 0)
        {
            throw Wrong(sparse, path, $"values of the type {values.DataType}");
        }

        RequireRoom(dense, path);
        var positions = Positions(sparse, dense, path);
        if (isText)
        {
            FillTexts(dense, values, positions);
        }
        else
        {
            var bytes = new byte[dense.SizeInBytes()];
            Fill(bytes, values.Bytes(), positions, values.ElementType().Bits());
            dense.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
        }

        return dense;
    }

    /// <summary>The position of each value in the whole tensor.</summary>
    private static long[] Positions(SparseTensorProto sparse, TensorProto dense, string path)
    {
        var count = sparse.Values.Dims[0];
        var rank = sparse.Dims.Count;
        var isRows = sparse.Indices?.Dims.Count == 2;
        // An empty list of values may come without indices.
        var indices = sparse.Indices is null && count == 0 ? [] : Indices(sparse, path);
        if (isRows ? sparse.Indices!.Dims[0] != count || sparse.Indices.Dims[1] != rank : indices.Length != count)
        {
            throw Wrong(sparse, path, $"indices of the shape [{string.Join(", ", sparse.Indices?.Dims ?? [])}] for {count} values");
        }

        var elements = dense.ElementCount();
        if (count > elements)
        {
            throw Wrong(sparse, path, $"{count} values in the shape [{string.Join(", ", sparse.Dims)}]");
        }

        var positions = new long[count];
        var previous = -1L;
        for (var value = 0; value < count; value++)
        {
            var position = isRows ? Position(indices.Slice(value * rank, rank), sparse.Dims) : indices[value];
            if (position < 0 || position >= elements)
            {
                throw Wrong(sparse, path, $"an index of value {value} outside of its shape [{string.Join(", ", sparse.Dims)}]");
            }

            if (position <= previous)
            {
                throw Wrong(sparse, path, $"indices that do not ascend at value {value}");
            }

            positions[value] = previous = position;
        }

        return positions;
    }

    // The specification has 64 bits only; ONNX Runtime writes as few as the positions need.
    private static ReadOnlySpan<long> Indices(SparseTensorProto sparse, string path)
    {
        if (sparse.Indices is not { Dims.Count: 1 or 2 } indices)
        {
            throw Wrong(sparse, path, "no indices");
        }

        return indices.ElementType() switch
        {
            DataType.Int64 => indices.Int64s(),
            DataType.Int32 => Widen<int>(indices.Bytes()),
            DataType.Int16 => Widen<short>(indices.Bytes()),
            DataType.Int8 => Widen<sbyte>(indices.Bytes()),
            var type => throw Wrong(sparse, path, $"indices of the type {type}"),
        };
    }

    private static long[] Widen<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged, INumber<T>
    {
        var narrow = LittleEndian.Values<T>(bytes);
        var wide = new long[narrow.Length];
        TensorPrimitives.ConvertChecked(narrow, wide.AsSpan());
        return wide;
    }

    /// <summary>The position of coordinates; −1 where one is out of its dimension.</summary>
    private static long Position(ReadOnlySpan<long> coordinates, RepeatedField<long> dims)
    {
        var position = 0L;
        for (var axis = 0; axis < coordinates.Length; axis++)
        {
            if (coordinates[axis] < 0 || coordinates[axis] >= dims[axis])
            {
                return -1;
            }

            position = (position * dims[axis]) + coordinates[axis];
        }

        return position;
    }

    private static void Fill(Span<byte> dense, ReadOnlySpan<byte> values, long[] positions, int bits)
    {
        if (bits >= 8)
        {
            var size = bits / 8;
            for (var value = 0; value < positions.Length; value++)
            {
                values.Slice(value * size, size).CopyTo(dense[(int)(positions[value] * size)..]);
            }

            return;
        }

        // Several elements share a byte, the first in its lowest bits.
        var mask = (1 << bits) - 1;
        for (var value = 0; value < positions.Length; value++)
        {
            var from = value * bits;
            var to = positions[value] * bits;
            var element = (values[from / 8] >> (from % 8)) & mask;
            dense[(int)(to / 8)] |= (byte)(element << (int)(to % 8));
        }
    }

    private static void FillTexts(TensorProto dense, TensorProto values, long[] positions)
    {
        var texts = new ByteString[dense.ElementCount()];
        Array.Fill(texts, ByteString.Empty);
        for (var value = 0; value < positions.Length; value++)
        {
            texts[positions[value]] = values.StringData[value];
        }

        dense.StringData.AddRange(texts);
    }

    private static void RequireRoom(TensorProto dense, string path)
    {
        if (Math.Max(dense.ElementCount(), dense.SizeInBytes()) > Array.MaxLength)
        {
            throw ModelErrors.TooLarge(path, $"its sparse tensor '{dense.Name}' has {dense.ElementCount()} elements", "Store a smaller tensor, or a dense one as external data.");
        }
    }

    private static CompressionException Wrong(SparseTensorProto sparse, string path, string what) =>
        ModelErrors.NotAModel(path, $"the sparse tensor '{sparse.Values?.Name}' has {what}");
}
