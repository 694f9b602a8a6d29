using System.Text.Json;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>Members of a JSON object that are lists, or that may be unknown.</summary>
internal static class JsonMembers
{
    public static void WriteList<T>(this Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            write(json, item);
        }

        json.WriteEndArray();
    }

    /// <summary>A number, or null where it is not known.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>An object, or null where it is not known.</summary>
    public static void WriteObject<T>(this Utf8JsonWriter json, string name, T? value, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        json.WritePropertyName(name);
        if (value is null)
        {
            json.WriteNullValue();
        }
        else
        {
            write(json, value);
        }
    }

    /// <summary>An object that few reports have; left out, not null, where it is not known.</summary>
    public static void WriteWhereKnown<T>(this Utf8JsonWriter json, string name, T? value, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        if (value is not null)
        {
            json.WriteObject(name, value, write);
        }
    }
}
