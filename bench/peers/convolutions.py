"""How fast networks of images train beside PyTorch, on one thread and in float32.

    python bench/peers/convolutions.py [--rounds 5]        # needs torch

One epoch of minibatches in the order of the samples, by Adam, from the same weights: the least time
of several rounds in turns. PyTorch computes eagerly, with its images in its own order (channels
first) and, in the row below, in skarma's (channels last). The mean losses of the epoch are there
to show that the work was the same.
"""

import argparse
import time
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from skarma import nn


class Case(NamedTuple):
    """A network by its layers, which end in ten classes, and how much it learns from."""

    shape: tuple
    layers: list
    n: int
    batch: int


MNIST = [("conv", 32, 3), ("pool",), ("conv", 32, 3), ("pool",), ("dense", 64)]
CIFAR = [("conv", 6, 5), ("pool",), ("conv", 16, 5), ("pool",), ("dense", 120), ("dense", 84)]
CASES = {
    "E78's for MNIST, batches of 128": Case((28, 28, 1), MNIST, 1280, 128),
    "E79's for CIFAR-10, batches of 128": Case((32, 32, 3), CIFAR, 1280, 128),
    "E79's for CIFAR-10, batches of 4": Case((32, 32, 3), CIFAR, 512, 4),
}


def layer_of(kind, *sizes):
    if kind == "pool":
        return nn.MaxPool2D()
    return (nn.Conv2D if kind == "conv" else nn.Dense)(*sizes, activation="relu")


def ours(case):
    layers = [layer_of(*entry) for entry in case.layers]
    first_dense = next(i for i, layer in enumerate(layers) if isinstance(layer, nn.Dense))
    layers.insert(first_dense, nn.Flatten())
    model = nn.Sequential([*layers, nn.Dense(10, "softmax")], random_state=0)
    model.build(case.shape)
    return model


class ChannelsLast(torch.nn.Module):
    """Flattens an image as skarma does."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


def theirs(case, weights):
    """The same network of PyTorch, with these weights."""
    modules, weights, is_flat = [], iter(weights), False
    channels = case.shape[-1]
    for kind, *sizes in [*case.layers, ("dense", 10)]:
        if kind == "pool":
            modules.append(torch.nn.MaxPool2d(2))
            continue
        if kind == "dense" and not is_flat:
            modules.append(ChannelsLast())
            is_flat = True
        coefs, biases = torch.tensor(next(weights)), torch.tensor(next(weights))
        if kind == "conv":
            module = torch.nn.Conv2d(channels, *sizes)
            module.weight.data = coefs.permute(3, 2, 0, 1).contiguous()
            channels = sizes[0]
        else:
            module = torch.nn.Linear(*coefs.shape)
            module.weight.data = coefs.T.contiguous()
        module.bias.data = biases
        modules += [module, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1])


def epoch_of_ours(case, x, y, weights):
    model = ours(case)
    model.compile(nn.Adam(epsilon=1e-8), "sparse_categorical_crossentropy")
    model.set_weights(weights)
    begin = time.process_time()
    history = model.fit(x, y, case.batch, 1, verbose=0, shuffle=False)
    return time.process_time() - begin, history.history["loss"][0]


def epoch_of_theirs(case, x, y, weights, layout):
    images = torch.tensor(x).permute(0, 3, 1, 2).contiguous(memory_format=layout)
    model = theirs(case, weights).to(memory_format=layout)
    targets, total = torch.tensor(y), 0.0
    adam = torch.optim.Adam(model.parameters(), fused=True)
    begin = time.process_time()
    for rows, labels in zip(images.split(case.batch), targets.split(case.batch), strict=True):
        adam.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(rows), labels)
        loss.backward()
        adam.step()
        total += loss.detach() * len(rows)
    return time.process_time() - begin, float(total) / len(x)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    print("| network | peer | skarma, ms a step | peer, ms a step | ratio | losses |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, case in CASES.items():
        random_state = np.random.RandomState(0)
        x = random_state.normal(size=(case.n, *case.shape)).astype(np.float32)
        y = random_state.randint(10, size=case.n)
        given = case, x, y, ours(case).get_weights()
        peers = {
            "skarma": partial(epoch_of_ours, *given),
            "torch": partial(epoch_of_theirs, *given, torch.contiguous_format),
            "torch, channels last": partial(epoch_of_theirs, *given, torch.channels_last),
        }
        measured = [{peer: run() for peer, run in peers.items()} for _ in range(rounds + 1)][1:]
        steps = case.n // case.batch
        best = {p: min(m[p][0] for m in measured) * 1e3 / steps for p in peers}
        losses = {p: measured[-1][p][1] for p in peers}
        for peer in list(peers)[1:]:
            times = f"{best['skarma']:.2f} | {best[peer]:.2f} | {best[peer] / best['skarma']:.2f}"
            print(f"| {name} | {peer} | {times} | {losses['skarma']:.5f}, {losses[peer]:.5f} |")


if __name__ == "__main__":
    main()
