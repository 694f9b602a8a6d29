using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using StbImageSharp;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Image files as samples: each is decoded when it is used, made grey or RGB as the model wants (transparency is dropped), resized and normalized.</summary>
internal sealed class ImageSampleSet : SampleSet
{
    private readonly IReadOnlyList<LabeledImage> images;
    private readonly ImageInput input;
    private readonly ImageNormalization normalization;

    /// <param name="images">All with labels, or none.</param>
    /// <param name="ports">The inputs and outputs of the model.</param>
    /// <param name="item">How images become tensors, as the item says it.</param>
    /// <param name="preprocessing">What says the rest, or null.</param>
    public ImageSampleSet(IReadOnlyList<LabeledImage> images, ModelPorts ports, ImageOptions item, PreprocessingFile? preprocessing = null)
    {
        this.images = images;
        var options = preprocessing?.Complete(item) ?? item;
        input = ImageInput.Of(ports, options, images[0].Path);
        preprocessing?.CheckChannels(item, input.Channels);
        normalization = new ImageNormalization(options, input.Channels);
    }

    public override int Count => images.Count;

    public override IReadOnlyList<StatePair> States => input.States;

    public override bool HasLabels => images[0].Label is not null;

    public override bool HasTexts => images[0].Text is not null;

    public override IEnumerable<Sample> Read(IEnumerable<int> indices)
    {
        foreach (var index in indices)
        {
            var (path, label, text) = images[index];
            // The images of a folder follow one another, as the frames of a film do.
            yield return new Sample(path, index, new Dictionary<string, ModelValue> { [input.Name] = Read(path) }, label) { Text = text, Series = Path.GetDirectoryName(path)! };
        }
    }

    private TensorValue Read(string path)
    {
        var image = Decode(path, input.Channels == 1 ? ColorComponents.Grey : ColorComponents.RedGreenBlue);
        var (height, width) = input.Extents(image.Height, image.Width);
        var pixels = ImageResampling.Resize(image.Data, image.Height, image.Width, input.Channels, height, width);
        var elementSize = input.Type.SizeInBytes();
        var bytes = new byte[checked(pixels.Length * elementSize * input.Copies)];
        var row = bytes.AsSpan(0, pixels.Length * elementSize);
        if (input.Type == TensorProto.Types.DataType.Uint8)
        {
            Arrange(pixels, static (pixel, _) => (byte)MathF.Round(pixel), row);
        }
        else
        {
            var values = new float[pixels.Length];
            Arrange(pixels, normalization.Apply, values);
            NumericConversion.Convert(MemoryMarshal.AsBytes(values.AsSpan()), new NpyElement('f', sizeof(float), false), row, input.Type);
        }

        for (var copy = 1; copy < input.Copies; copy++)
        {
            row.CopyTo(bytes.AsSpan(copy * row.Length));
        }

        return new TensorValue(input.Type, input.Shape(height, width), bytes);
    }

    // From interleaved pixels to the input's layout.
    private void Arrange<T>(float[] pixels, Func<float, int, T> convert, Span<T> destination)
    {
        var plane = pixels.Length / input.Channels;
        for (var position = 0; position < plane; position++)
        {
            for (var channel = 0; channel < input.Channels; channel++)
            {
                var source = (position * input.Channels) + channel;
                destination[input.ChannelsFirst ? (channel * plane) + position : source] = convert(pixels[source], channel);
            }
        }
    }

    private static ImageResult Decode(string path, ColorComponents components)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return ImageResult.FromStream(stream, components);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The decoder throws whatever a damaged file leads it to.
            throw DataFile.Unreadable(path, $"the image is damaged or of an unknown kind ({exception.Message})", exception);
        }
    }
}
