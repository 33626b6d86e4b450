"""Train a sparse keyword network from scratch: masks during training, k-WTA, export to ONNX.

    pip install torch numpy          (or Debian: apt install python3-torch python3-numpy)
    python examples/training/train_sparse.py --epochs 20 --out build/trained
    npx nzflow run build/trained/model.onnx --board zcu104 --inputs build/trained/inputs.npy \
        --labels build/trained/labels.npy --calibrate build/trained/calibrate.npy

What matters for nzflow, and for a network of your own:

1. Masks. `complementary_mask` gives each input position of a set of kernels to one kernel, so that the set
   packs into one dense kernel. The mask is multiplied in after every step, so zeros stay exact zeros.
2. k-WTA comes behind ReLU, and ReLU behind max-pooling: pool first, then k-WTA, over the channels of every site
   (dim 1). A boost for channels that rarely win, only while training, keeps all of them in use.
3. Export with a fixed input shape and opset 13. torch.topk, >= and a product become TopK, Slice,
   GreaterOrEqual, Cast and Mul, which nzflow reads as k-WTA; batch normalisation folds into the weights.

Tried with PyTorch 1.13 on the data of this repository. PyTorch is not among the project's own dependencies, so
no test of the project runs this file.
"""
import argparse
import os

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def complementary_mask(kernels, inputs, set_size, generator):
    """[kernels, inputs] of 0 and 1: in every set of `set_size` kernels each input has one owner."""
    mask = torch.zeros(kernels, inputs)
    for first in range(0, kernels, set_size):
        size = min(set_size, kernels - first)
        owners = torch.arange(inputs) % size
        owners = owners[torch.randperm(inputs, generator=generator)]
        mask[first + owners, torch.arange(inputs)] = 1
    return mask


class KWinners(nn.Module):
    """Keeps the k largest of dim 1; while training, channels that win seldom get a head start."""

    def __init__(self, channels, k, strength=1.0):
        super().__init__()
        self.k, self.strength = k, strength
        self.register_buffer("duty", torch.full((channels,), k / channels))

    def forward(self, x):
        x = F.relu(x)
        ranked = x
        if self.training:
            target = self.k / x.shape[1]
            boost = torch.exp(self.strength * (target - self.duty) / target * 0.3)
            ranked = x * boost.view(1, -1, *[1] * (x.dim() - 2))
        kth = torch.topk(ranked, self.k, dim=1, sorted=True)[0].narrow(1, self.k - 1, 1)
        y = x * (ranked >= kth).to(x.dtype)
        if self.training:
            with torch.no_grad():
                won = (y > 0).float().mean(dim=[d for d in range(y.dim()) if d != 1])
                self.duty.mul_(0.98).add_(0.02 * won)
        return y


class SparseNetwork(nn.Module):
    """A small keyword network; sizes of sets and numbers of winners are those nzflow profits from."""

    def __init__(self, seed):
        super().__init__()
        self.conv1, self.norm1, self.win1 = nn.Conv2d(1, 16, 5), nn.BatchNorm2d(16), KWinners(16, 4)
        self.conv2, self.norm2, self.win2 = nn.Conv2d(16, 32, 5), nn.BatchNorm2d(32), KWinners(32, 6)
        self.linear1, self.norm3 = nn.Linear(32 * 5 * 5, 128), nn.BatchNorm1d(128)
        self.win3, self.linear2 = KWinners(128, 16), nn.Linear(128, 12)
        generator = torch.Generator().manual_seed(seed)
        self.masks = []
        for layer, set_size in ((self.conv2, 8), (self.linear1, 16), (self.linear2, 2)):
            weights = layer.weight
            mask = complementary_mask(weights.shape[0], weights[0].numel(), set_size, generator)
            with torch.no_grad():
                # As much variance as the dense layer would have had.
                weights.mul_(mask.view_as(weights) * set_size**0.5)
            self.masks.append((layer, mask.view_as(weights)))

    def apply_masks(self):
        with torch.no_grad():
            for layer, mask in self.masks:
                layer.weight.mul_(mask)

    def forward(self, x):
        x = self.win1(F.max_pool2d(self.norm1(self.conv1(x)), 2))
        x = self.win2(F.max_pool2d(self.norm2(self.conv2(x)), 2))
        x = self.win3(self.norm3(self.linear1(x.flatten(1))))
        return self.linear2(x)


def accuracy(network, inputs, labels):
    network.eval()
    with torch.no_grad():
        right = sum(
            (network(inputs[at : at + 200]).argmax(1) == labels[at : at + 200]).sum().item()
            for at in range(0, len(labels), 200)
        )
    network.train()
    return right / len(labels)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="examples/keyword-data")
    parser.add_argument("--out", default="build/trained")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--samples", type=int, default=None, help="use only so many training samples")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.manual_seed(given.seed)

    def load(name):
        return np.load(os.path.join(given.data, name + ".npy"))

    inputs = torch.tensor(load("train-inputs").astype(np.float32))[: given.samples]
    labels = torch.tensor(load("train-labels").astype(np.int64))[: given.samples]
    test_inputs = torch.tensor(load("test-inputs").astype(np.float32))
    test_labels = torch.tensor(load("test-labels").astype(np.int64))

    network = SparseNetwork(given.seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-3)
    batch = 64
    steps = given.epochs * (len(labels) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps + 1)
    for epoch in range(given.epochs):
        # Boosting fades, so that training ends with the winners that inference will have.
        for winners in (network.win1, network.win2, network.win3):
            winners.strength = max(0.0, 1.5 * (1 - epoch / (0.7 * given.epochs)))
        total = 0.0
        order = torch.randperm(len(labels))
        for at in range(0, len(labels) - batch + 1, batch):
            chosen = order[at : at + batch]
            x = torch.roll(inputs[chosen], int(torch.randint(-2, 3, (1,))), 3)
            x = x + 0.1 * torch.randn_like(x)
            loss = F.cross_entropy(network(x), labels[chosen], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            network.apply_masks()
            total += loss.item()
        share = accuracy(network, test_inputs, test_labels)
        print(f"epoch {epoch + 1}: loss {total / (len(labels) // batch):.3f}, test {share:.1%}", flush=True)

    network.eval()
    os.makedirs(given.out, exist_ok=True)
    torch.onnx.export(
        network,
        test_inputs[:1],
        os.path.join(given.out, "model.onnx"),
        opset_version=13,
        input_names=["features"],
        output_names=["logits"],
    )
    np.save(os.path.join(given.out, "inputs.npy"), test_inputs[:300].numpy())
    np.save(os.path.join(given.out, "labels.npy"), test_labels[:300].numpy().astype(np.uint8))
    np.save(os.path.join(given.out, "calibrate.npy"), inputs[:128].numpy())


if __name__ == "__main__":
    main()
