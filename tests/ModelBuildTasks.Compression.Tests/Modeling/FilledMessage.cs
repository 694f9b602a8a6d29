using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>Messages in which every field of the schema has a value, and an unknown field besides.</summary>
internal static class FilledMessage
{
    public const int LargeBytes = 70_000;

    private static readonly byte[] UnknownField = [0xC2, 0x3E, 3, 1, 2, 3];

    /// <summary>Fills a message and all below it; a message type within itself is left out, or there would be no end.</summary>
    public static T Fill<T>(T message, int seed)
        where T : IMessage
    {
        var random = new Random(seed);
        Fill(message, random, []);
        return message;
    }

    private static void Fill(IMessage message, Random random, MessageDescriptor[] ancestors)
    {
        ancestors = [.. ancestors, message.Descriptor];
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.FieldType == FieldType.Message && ancestors.Contains(field.MessageType))
            {
                continue;
            }

            if (field.IsRepeated)
            {
                var items = (System.Collections.IList)field.Accessor.GetValue(message);
                items.Add(Value(field, random, ancestors));
                items.Add(Value(field, random, ancestors));
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, random, ancestors));
            }
        }

        message.MergeFrom(UnknownField);
    }

    private static object Value(FieldDescriptor field, Random random, MessageDescriptor[] ancestors)
    {
        switch (field.FieldType)
        {
            case FieldType.Message:
                var message = field.MessageType.Parser.ParseFrom(ByteString.Empty);
                Fill(message, random, ancestors);
                return message;
            case FieldType.Bytes:
                // Sizes on every side of what is copied, viewed and streamed.
                var bytes = new byte[random.Next(4) switch { 0 => 3, 1 => 4096, 2 => 4097, _ => LargeBytes }];
                random.NextBytes(bytes);
                return ByteString.CopyFrom(bytes);
            case FieldType.String:
                return $"é{random.Next()}";
            case FieldType.Float:
                return random.NextSingle();
            case FieldType.Double:
                return random.NextDouble();
            case FieldType.Int32:
                return random.Next();
            case FieldType.Int64:
                return -random.NextInt64();
            case FieldType.UInt64:
                return (ulong)random.NextInt64();
            case FieldType.Enum:
                return Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[^1].Number);
            default:
                throw new InvalidOperationException($"{field.FullName} has a type that the schema did not have before.");
        }
    }
}
