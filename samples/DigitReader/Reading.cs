namespace DigitReader;

/// <summary>What the network read.</summary>
/// <param name="Digit">The digit, 0 to 9.</param>
/// <param name="Confidence">The softmax share of that digit, 0 to 1.</param>
internal readonly record struct Reading(int Digit, float Confidence);
