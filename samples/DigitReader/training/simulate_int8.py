#!/usr/bin/python3
"""Predicts what static int8 does to the digit network, without ONNX Runtime.

    /usr/bin/python3 simulate_int8.py ..

Fake quantization of the exported model: symmetric int8 weights with one scale per output channel, asymmetric 8-bit activations with
min-max ranges from the calibration digits on the input and output of every convolution and fully connected layer (after its Relu).
Prints top-1 and the signal-to-quantization-noise ratio of the logits, 20 log10(|x| / |x - y|), over the 2,000 unseen digits.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional as F


def run(graph, weights, image, observe):
    """Runs the model; observe(name, tensor) sees every activation that would be quantized and returns what the next layer gets."""
    values = {"image": observe("image", image)}
    followed_by_relu = {node.input[0] for node in graph.node if node.op_type == "Relu"}
    for node in graph.node:
        x, name = values[node.input[0]], node.output[0]
        if node.op_type == "Conv":
            y = F.conv2d(x, weights[node.input[1]], weights[node.input[2]], padding=1)
        elif node.op_type == "Gemm":
            y = F.linear(x, weights[node.input[1]], weights[node.input[2]])
        elif node.op_type == "Relu":
            y = F.relu(x)
        elif node.op_type == "MaxPool":
            y = F.max_pool2d(x, 2)
        elif node.op_type == "Flatten":
            y = x.flatten(1)
        else:
            raise NotImplementedError(node.op_type)
        quantized = node.op_type == "Relu" or (node.op_type in ("Conv", "Gemm") and name not in followed_by_relu)
        values[name] = observe(name, y) if quantized else y
    return values["logits"]


def quantize_weight(weight, pair_safe):
    """Symmetric per output channel. Pair-safe: |w0| + |w1| <= 128 for neighbours of one sign, which cannot saturate without VNNI."""
    rows = (weight.permute(0, 2, 3, 1) if weight.dim() == 4 else weight).flatten(1)
    scale = rows.abs().amax(1) / 127
    if pair_safe:
        pairs = F.pad(rows, (0, rows.shape[1] % 2)).unflatten(1, (-1, 2))
        same_sign = (pairs[..., 0] * pairs[..., 1]) > 0
        # 127 rather than 128: rounding may add half a step to either weight.
        scale = torch.maximum(scale, (pairs.abs().sum(2) * same_sign).amax(1) / 127)
    scale = scale.view(-1, *[1] * (weight.dim() - 1))
    return (weight / scale).round().clamp(-127, 127) * scale


def sqnr(expected, actual):
    return float(20 * torch.log10(expected.norm() / (expected - actual).norm()))


def main():
    sample = Path(sys.argv[1])
    path = Path(sys.argv[2]) if len(sys.argv) > 2 else sample / "models" / "digits.onnx"
    torch.set_num_threads(1)
    graph = onnx.load(str(path)).graph
    weights = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    calibration = torch.from_numpy(np.load(sample / "data" / "digits.calibration.npz")["image"])
    test = np.load(sample / "data" / "digits.test.npz")
    image, labels = torch.from_numpy(test["image"]), torch.from_numpy(test["labels"])

    ranges = {}
    def measure(name, value):
        ranges[name] = (min(0.0, value.min().item()), max(0.0, value.max().item()), value.pow(2).mean().sqrt().item())
        return value
    with torch.no_grad():
        run(graph, weights, calibration, measure)
        expected = run(graph, weights, image, lambda name, value: value)
    for name, (low, high, rms) in ranges.items():
        print(f"  {name:8} range [{low:.2f}, {high:.2f}], peak/rms {max(-low, high) / rms:.1f}")

    def fake_quantize(name, value):
        low, high, _ = ranges[name]
        scale = (high - low) / 255
        zero_point = round(-128 - low / scale)
        return ((value / scale).round() + zero_point).clamp(-128, 127).sub(zero_point) * scale
    right = expected.argmax(1) == labels
    print(f"float: top-1 {right.float().mean():.2%}, logits rms {expected.pow(2).mean().sqrt():.2f}")
    same = lambda name, value: value
    for title, weight_rule, activation_rule in (
            ("weights only", lambda w: quantize_weight(w, False), same),
            ("activations only", lambda w: w, fake_quantize),
            ("full range", lambda w: quantize_weight(w, False), fake_quantize),
            ("pair-safe", lambda w: quantize_weight(w, True), fake_quantize),
            ("pair-safe, float logits", lambda w: quantize_weight(w, True), lambda n, v: v if n == "logits" else fake_quantize(n, v))):
        changed = {name: weight_rule(w) if w.dim() > 1 else w for name, w in weights.items()}
        with torch.no_grad():
            actual = run(graph, changed, image, activation_rule)
        now = actual.argmax(1) == labels
        agreement = (actual.argmax(1) == expected.argmax(1)).float().mean()
        print(f"{title}: {sqnr(expected, actual):.1f} dB, top-1 {now.float().mean():.2%} "
              f"({(now & ~right).sum()} gained, {(right & ~now).sum()} lost), agreement {agreement:.2%}")


if __name__ == "__main__":
    main()
