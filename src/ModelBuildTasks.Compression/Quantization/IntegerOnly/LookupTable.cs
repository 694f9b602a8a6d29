using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>A function of one number on bytes: entry q holds what the function makes of the number that q stands for.</summary>
internal static class LookupTable
{
    private const int Entries = 256;

    /// <summary>The table; a signed q below zero counts from its end, as the indices of Gather do.</summary>
    /// <param name="name">The initializer's name.</param>
    /// <param name="function">The function; where it is NaN, the entry stands for zero.</param>
    /// <param name="input">What a q stands for.</param>
    /// <param name="output">What an entry stands for.</param>
    /// <param name="type">UINT8 or INT8, of both.</param>
    public static TensorProto Of(string name, Func<double, double> function, PortQuantization input, PortQuantization output, DataType type)
    {
        var isSigned = type == DataType.Int8;
        var lowest = isSigned ? (int)sbyte.MinValue : byte.MinValue;
        var table = new byte[Entries];
        for (var index = 0; index < Entries; index++)
        {
            var number = function(((isSigned ? (sbyte)index : index) - input.ZeroPoint) * (double)input.Scale);
            var level = double.IsNaN(number) ? output.ZeroPoint : Math.Round(number / output.Scale) + output.ZeroPoint;
            table[index] = unchecked((byte)(int)Math.Clamp(level, lowest, lowest + Entries - 1));
        }

        return TensorValues.Create(name, type, ByteString.CopyFrom(table), Entries);
    }
}
