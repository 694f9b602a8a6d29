using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using StbImageSharp;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>Image files as samples: each is decoded when it is used, made grey or RGB as the model wants (transparency is dropped), resized and normalized.</summary>
internal sealed class ImageSampleSet : SampleSet
{
    private readonly IReadOnlyList<LabeledImage> _images;
    private readonly ImageInput _input;
    private readonly ImageNormalization _normalization;

    /// <param name="images">All with labels, or none.</param>
    /// <param name="inputs">The inputs of the model.</param>
    /// <param name="options">How images become tensors.</param>
    public ImageSampleSet(IReadOnlyList<LabeledImage> images, IReadOnlyList<ModelPort> inputs, ImageOptions options)
    {
        _images = images;
        _input = ImageInput.Of(inputs, options, images[0].Path);
        _normalization = new ImageNormalization(options, _input.Channels);
    }

    public override int Count => _images.Count;

    public override bool HasLabels => _images[0].Label is not null;

    public override IEnumerable<Sample> Read(IEnumerable<int> indices)
    {
        foreach (var index in indices)
        {
            yield return new Sample(_images[index].Path, index, new Dictionary<string, TensorValue> { [_input.Name] = Read(_images[index].Path) }, _images[index].Label);
        }
    }

    private TensorValue Read(string path)
    {
        var image = Decode(path, _input.Channels == 1 ? ColorComponents.Grey : ColorComponents.RedGreenBlue);
        var pixels = ImageResampling.Resize(image.Data, image.Height, image.Width, _input.Channels, _input.Height, _input.Width);
        var elementSize = _input.Type.SizeInBytes();
        var bytes = new byte[checked(pixels.Length * elementSize * _input.Copies)];
        var row = bytes.AsSpan(0, pixels.Length * elementSize);
        if (_input.Type == TensorProto.Types.DataType.Uint8)
        {
            Arrange(pixels, static (pixel, _) => (byte)MathF.Round(pixel), row);
        }
        else
        {
            var values = new float[pixels.Length];
            Arrange(pixels, _normalization.Apply, values);
            NumericConversion.Convert(MemoryMarshal.AsBytes(values.AsSpan()), new NpyElement('f', sizeof(float), false), row, _input.Type);
        }

        for (var copy = 1; copy < _input.Copies; copy++)
        {
            row.CopyTo(bytes.AsSpan(copy * row.Length));
        }

        return new TensorValue(_input.Type, _input.Shape, bytes);
    }

    // From interleaved pixels to the input's layout.
    private void Arrange<T>(float[] pixels, Func<float, int, T> convert, Span<T> destination)
    {
        var plane = _input.Height * _input.Width;
        for (var position = 0; position < plane; position++)
        {
            for (var channel = 0; channel < _input.Channels; channel++)
            {
                var source = (position * _input.Channels) + channel;
                destination[_input.ChannelsFirst ? (channel * plane) + position : source] = convert(pixels[source], channel);
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
