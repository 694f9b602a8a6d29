using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>How the one input of a model takes an image.</summary>
/// <param name="Name">The input.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Batch">The batch axis, or null without one: a dynamic one is 1, and an image fills a fixed one as often as needed. As with arrays, only row 0 of an output counts then.</param>
/// <param name="ChannelsFirst">NCHW, else NHWC.</param>
/// <param name="Channels">1 (grey) or 3 (red, green, blue).</param>
/// <param name="Height">Rows of pixels; -1 is each image's own number.</param>
/// <param name="Width">Columns of pixels; likewise.</param>
/// <param name="States">The model's other inputs.</param>
internal sealed record ImageInput(string Name, TensorProto.Types.DataType Type, int? Batch, bool ChannelsFirst, int Channels, int Height, int Width, IReadOnlyList<StatePair> States)
{
    /// <summary>How often an image is in the tensor.</summary>
    public int Copies => Batch ?? 1;

    /// <summary>The height and the width that an image of a size becomes.</summary>
    public (int Height, int Width) Extents(int height, int width) => (Height, Width) switch
    {
        ( < 0, < 0) => (height, width),
        ( < 0, _) => (Scaled(height, Width, width), Width),
        (_, < 0) => (Height, Scaled(width, Height, height)),
        _ => (Height, Width),
    };

    /// <summary>The shape of the tensor for these extents.</summary>
    public long[] Shape(int height, int width)
    {
        long[] shape = ChannelsFirst ? [Channels, height, width] : [height, width, Channels];
        return Batch is { } batch ? [batch, .. shape] : shape;
    }

    /// <param name="ports">The inputs and outputs of the model.</param>
    /// <param name="options">What the model's shape does not tell.</param>
    /// <param name="path">The images, named in errors.</param>
    /// <exception cref="CompressionException">AIM1102: several inputs of the model are no states. AIM1103: its shape is none of an image, or a size is missing or another. AIM1104: its type. AIM1201: the layout.</exception>
    public static ImageInput Of(ModelPorts ports, ImageOptions options, string path)
    {
        var (input, states) = SoleInput.Of(ports) ?? throw Wrong(
            DiagnosticCodes.DataNameMismatch,
            path,
            $"images fill one input, but the model has {ports.Inputs.Count} that are not all states. Give a .npz file with an array for each input");
        if (input.Kind != PortKind.Tensor || (!NumericConversion.IsFloatingPoint(input.Type) && !TakesRawPixels(input.Type, options)))
        {
            throw Wrong(
                DiagnosticCodes.DataTypeMismatch,
                path,
                $"images become floating-point numbers (or bytes, without Mean and Std), but the model's input '{input.Name}' takes {input.TypeText}. Give a .npz file with an array for it");
        }

        var hasBatch = input.Shape.Length == 4;
        if (!hasBatch && input.Shape.Length != 3)
        {
            throw Wrong(DiagnosticCodes.DataShapeMismatch, path, $"an image has channels, height and width, but the model's input '{input.Name}' takes {ShapeText.Of(input.Shape)}. Give a .npz file with an array for it");
        }

        var axes = hasBatch ? input.Shape[1..] : input.Shape;
        var channelsFirst = IsChannelsFirst(axes, options.Layout) ?? throw Wrong(
            DiagnosticCodes.DataShapeMismatch,
            path,
            $"the model's input '{input.Name}' takes {ShapeText.Of(input.Shape)}, where no axis is known to be the 1 or 3 channels of an image. Set Layout to NCHW or NHWC, or give a .npz file");
        var (channels, height, width) = channelsFirst ? (axes[0], axes[1], axes[2]) : (axes[2], axes[0], axes[1]);
        channels = channels < 0 ? 3 : channels;
        if (channels is not (1 or 3))
        {
            throw Wrong(DiagnosticCodes.DataShapeMismatch, path, $"an image has 1 or 3 channels, but the model's input '{input.Name}' takes {ShapeText.Of(input.Shape)}. Check Layout, or give a .npz file");
        }

        if (!options.KeepsSize)
        {
            (height, width) = (Extent(height, options.Size?.Height, input, path), Extent(width, options.Size?.Width, input, path));
        }
        else if (height >= 0 && width >= 0)
        {
            throw Wrong(DiagnosticCodes.DataShapeMismatch, path, $"Size says original where the model's input '{input.Name}' takes {ShapeText.Of(input.Shape)}. Remove Size: every image gets the model's own height and width");
        }

        return new ImageInput(input.Name, input.Type, hasBatch ? (int)Math.Max(1, input.Shape[0]) : null, channelsFirst, (int)channels, (int)height, (int)width, states);
    }

    private static int Scaled(int length, int target, int source) => Math.Max(1, (int)Math.Round((double)length * target / source));

    private static bool TakesRawPixels(TensorProto.Types.DataType type, ImageOptions options) =>
        type == TensorProto.Types.DataType.Uint8 && options.Mean is null && options.StandardDeviation is null;

    private static bool? IsChannelsFirst(long[] axes, string? layout) => layout?.ToUpperInvariant() switch
    {
        "NCHW" => true,
        "NHWC" => false,
        null when axes[0] is 1 or 3 => true,
        null when axes[2] is 1 or 3 => false,
        null => null,
        _ => throw new CompressionException(DiagnosticCodes.MetadataValueUnknown, null, $"Layout is '{layout}'. Use NCHW or NHWC."),
    };

    private static long Extent(long model, int? option, ModelPort input, string path) => (model, option) switch
    {
        ( < 0, null) => throw Wrong(
            DiagnosticCodes.DataShapeMismatch,
            path,
            $"the model's input '{input.Name}' takes {ShapeText.Of(input.Shape)}, which does not tell a height and a width. Set Size, for example Size=\"224x224\", or Size=\"original\" where the application gives images as they are"),
        ( < 0, { } size) => size,
        (_, { } size) when size != model => throw Wrong(
            DiagnosticCodes.DataShapeMismatch,
            path,
            $"Size says {size} where the model's input '{input.Name}' takes {ShapeText.Of(input.Shape)}. Remove Size or give the model's own height and width"),
        _ => model,
    };

    private static CompressionException Wrong(string code, string path, string what) => new(code, path, $"'{Path.GetFileName(path)}': {what}.");
}
