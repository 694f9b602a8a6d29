namespace ModelBuildTasks.Compression.Diagnostics;

/// <summary>The stable codes of every error and warning; each has its place in docs/diagnostics.md.</summary>
public static class DiagnosticCodes
{
    // 10xx: the model.
    /// <summary>The model file is missing or cannot be read.</summary>
    public const string ModelUnreadable = "AIM1001";

    /// <summary>The file is not an ONNX model, or it is truncated.</summary>
    public const string NotAnOnnxModel = "AIM1002";

    /// <summary>The model imports no opset, or one that is not known.</summary>
    public const string UnsupportedOpset = "AIM1003";

    /// <summary>A file of external data is missing or too short.</summary>
    public const string ExternalDataMissing = "AIM1004";

    /// <summary>A path of external data is absolute or leaves the model's folder.</summary>
    public const string ExternalDataOutsideFolder = "AIM1005";

    /// <summary>A weight is NaN or infinite.</summary>
    public const string WeightNotFinite = "AIM1006";

    /// <summary>ONNX Runtime cannot load or run the model.</summary>
    public const string ModelDoesNotRun = "AIM1007";

    /// <summary>One file, read or to be written, exceeds 2 GiB.</summary>
    public const string ModelTooLarge = "AIM1008";

    /// <summary>The ONNX Runtime that will load the model is too old for it.</summary>
    public const string RuntimeTooOld = "AIM1009";

    /// <summary>The model has operators without an integer form, and the request wants integers only.</summary>
    public const string IntegerOnlyNotPossible = "AIM1010";

    /// <summary>The model cannot be written in ONNX Runtime's own format.</summary>
    public const string NoOrtFormat = "AIM1011";

    // 11xx: calibration and validation data.
    /// <summary>A calibration or validation file is missing, unreadable or of an unknown kind.</summary>
    public const string DataUnreadable = "AIM1101";

    /// <summary>The data has no array for an input of the model, or one that is none.</summary>
    public const string DataNameMismatch = "AIM1102";

    /// <summary>An array's shape does not fit the model's input.</summary>
    public const string DataShapeMismatch = "AIM1103";

    /// <summary>An array's element type does not fit the model's input.</summary>
    public const string DataTypeMismatch = "AIM1104";

    /// <summary>The number of labels is not the number of samples, or a label is no class of the model.</summary>
    public const string LabelsMismatch = "AIM1105";

    /// <summary>The data has a NaN or an infinity.</summary>
    public const string DataNotFinite = "AIM1106";

    /// <summary>A calibration or validation set without a sample.</summary>
    public const string DataEmpty = "AIM1107";

    /// <summary>A ranges file cannot be read or lacks a tensor of the model.</summary>
    public const string RangesInvalid = "AIM1108";

    /// <summary>A file of a text recognizer's keys cannot be read or has another number of keys than the model has classes.</summary>
    public const string KeysInvalid = "AIM1109";

    // 12xx: the item's metadata.
    /// <summary>A metadata value is not one of the allowed ones.</summary>
    public const string MetadataValueUnknown = "AIM1201";

    /// <summary>A metadata value is a number outside its range.</summary>
    public const string MetadataValueOutOfRange = "AIM1202";

    /// <summary>The value is in the contract, but this version does not have the technique yet.</summary>
    public const string TechniqueNotAvailable = "AIM1203";

    /// <summary>Two items share a Name, or their names make the same identifier or resource.</summary>
    public const string DuplicateName = "AIM1204";

    /// <summary>The embedded resources exceed 2 GiB in total.</summary>
    public const string ResourcesTooLarge = "AIM1205";

    /// <summary>Two metadata values contradict each other.</summary>
    public const string MetadataContradicts = "AIM1206";

    /// <summary>A cost table is missing or damaged.</summary>
    public const string CostTableInvalid = "AIM1207";

    /// <summary>No device profile is for a runtime identifier.</summary>
    public const string NoDeviceProfile = "AIM1208";

    /// <summary>The target framework cannot unpack the resource that is asked for.</summary>
    public const string FrameworkWithoutBrotli = "AIM1209";

    // 13xx: the machine that builds.
    /// <summary>This build host has no native ONNX Runtime in the package.</summary>
    public const string HostNotSupported = "AIM1301";

    /// <summary>MSBuild is older than 18 or the .NET SDK older than 10.</summary>
    public const string SdkTooOld = "AIM1302";

    /// <summary>An output or the cache cannot be written.</summary>
    public const string OutputNotWritable = "AIM1303";

    /// <summary>The SDK's graph of runtime identifiers cannot be read.</summary>
    public const string RuntimeIdentifierGraphUnreadable = "AIM1304";

    /// <summary>What an earlier build should have made is not there.</summary>
    public const string NotBuilt = "AIM1305";

    // 2xxx: gates.
    /// <summary>The accuracy fell by more than MaxAccuracyDrop.</summary>
    public const string AccuracyGateFailed = "AIM2001";

    /// <summary>The SQNR is below MinSqnr.</summary>
    public const string SqnrGateFailed = "AIM2002";

    /// <summary>The compressed model is larger than MaxSize.</summary>
    public const string SizeGateFailed = "AIM2003";

    /// <summary>The compressed model is slower than MaxLatencyRatio allows.</summary>
    public const string LatencyGateFailed = "AIM2004";

    // 3xxx: warnings.
    /// <summary>There is no data: the accuracy was not checked.</summary>
    public const string AccuracyNotChecked = "AIM3001";

    /// <summary>The validation set is too small to resolve the accuracy gate.</summary>
    public const string ValidationSetTooSmall = "AIM3002";

    /// <summary>Nothing in the model could be compressed; the original is used.</summary>
    public const string NothingCompressed = "AIM3003";

    /// <summary>The embedded resources are so large that the compiler becomes slow.</summary>
    public const string ResourcesLarge = "AIM3004";

    /// <summary>The original model is far from the outputs that come with its test data.</summary>
    public const string ExpectedOutputsDiffer = "AIM3005";

    /// <summary>The latency gate was not checked, since the variant is for another kind of processor.</summary>
    public const string LatencyNotChecked = "AIM3006";

    /// <summary>A model in ONNX Runtime's own format restores weights from bytes on every run.</summary>
    public const string WeightsRestoredOnEveryRun = "AIM3007";

    /// <summary>A package does not carry the models that are files.</summary>
    public const string ModelFilesNotPacked = "AIM3008";

    /// <summary>No channel or block of the model could go.</summary>
    public const string NothingPruned = "AIM3009";

    // 9xxx: our fault.
    /// <summary>An unexpected failure inside ModelBuildTasks.</summary>
    public const string InternalError = "AIM9001";

    /// <summary>ONNX Runtime does not load the model that was written.</summary>
    public const string CompressedModelDoesNotRun = "AIM9002";

    /// <summary>The process that compresses ended without an answer.</summary>
    public const string CompressorCrashed = "AIM9003";
}
