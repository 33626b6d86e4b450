#!/usr/bin/env python3
"""Writes a pruned k-WTA network that shares nothing with the examples but its operators.

    python3 bench/foreign-model/export.py [folder]

Needs PyTorch and NumPy (Debian: python3-torch). The result is in test/fixtures/foreign-cnn; the
weights are random and pruned by magnitude, so the classes mean nothing: labels.npy holds what
PyTorch answers.
"""
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def k_winners(x, k):
    """Keeps what is at least as large as the k-th largest value along dimension 1."""
    values, _ = torch.topk(x, k, dim=1)
    threshold = values.select(1, k - 1).unsqueeze(1)
    return torch.where(x >= threshold, x, torch.zeros_like(x))


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 24, 3)
        self.body = nn.Conv2d(24, 40, 3, bias=False)
        self.project = nn.Parameter(torch.randn(40 * 7 * 3, 96) / 840**0.5)
        self.offset = nn.Parameter(torch.randn(96) * 0.1)
        self.norm = nn.BatchNorm1d(96)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(96, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.stem(x)), 2)
        x = k_winners(x, 6)
        x = F.relu(self.body(x))
        x = x.view(x.size(0), -1)
        x = torch.matmul(x, self.project) + self.offset
        x = self.drop(F.relu(self.norm(x)))
        return F.log_softmax(self.head(x), dim=1)


def prune_(weight, keep):
    """Sets all but the `keep` share of largest magnitudes to zero."""
    flat = weight.abs().flatten()
    limit = torch.topk(flat, max(1, round(keep * flat.numel()))).values[-1]
    weight[weight.abs() < limit] = 0


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/fixtures/foreign-cnn")
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(20)
    net = Classifier()
    data = F.avg_pool2d(torch.randn(512, 2, 22, 14), 3, stride=1) * 3

    with torch.no_grad():
        prune_(net.stem.weight, 0.45)
        prune_(net.body.weight, 0.12)
        prune_(net.project, 0.06)
        prune_(net.head.weight, 0.3)
        net.norm.weight.uniform_(0.7, 1.4)
        net.norm.bias.uniform_(-0.3, 0.3)
        net.train()
        net.norm.momentum = None
        net(data)  # running mean and variance
        net.eval()
        # Answers of a random network lie close together: centre them, so that classes vary.
        net.head.bias -= net(data).mean(0)

    inputs, calibrate = data[:40], data[40:104]
    with torch.no_grad():
        labels = net(inputs).argmax(1)
    torch.onnx.export(
        net,
        inputs[:1],
        str(folder / "model.onnx"),
        opset_version=16,
        input_names=["spectrogram"],
        output_names=["log_probabilities"],
        dynamic_axes={"spectrogram": {0: "batch"}, "log_probabilities": {0: "batch"}},
    )
    np.save(folder / "inputs.npy", inputs.numpy())
    np.save(folder / "labels.npy", labels.numpy())
    np.save(folder / "calibrate.npy", calibrate.numpy())
    print("labels", labels.tolist())


if __name__ == "__main__":
    main()
