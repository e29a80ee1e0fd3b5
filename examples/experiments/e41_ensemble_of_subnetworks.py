"""
E41: Dropout as an ensemble
===========================

A network with dropout is an ensemble of 2^n networks that share their weights.

With n hidden units and a linear output, the mean of the outputs of all 2^n sub-networks, each by
the probability of its mask, is the output that predicts: all weights, scaled.
"""

import math
from itertools import product

import numpy as np
from shared_figures import near, report, wave
from shared_pictures import places

from skarma import MLPRegressor

N_UNITS, RATE = 10, 0.3


def example():
    """x, each sub-network's outputs and probability, and the network itself."""
    x, y = wave()
    network = MLPRegressor(
        hidden_layer_sizes=(N_UNITS,), dropout=RATE, random_state=0, max_iter=300, batch_size=20
    ).fit(x, y)
    (w1, w2), (b1, b2) = network.coefs_, network.intercepts_
    hidden = np.maximum(x @ w1 + b1, 0) / (1 - RATE)
    masks = np.array(list(product((0, 1), repeat=N_UNITS)))
    kept = masks.sum(axis=1)
    probability = (1 - RATE) ** kept * RATE ** (N_UNITS - kept)
    outputs = np.array([(hidden * mask) @ w2 + b2 for mask in masks])[:, :, 0]
    return x, outputs, probability, network


def run():
    x, outputs, probability, network = example()
    half = np.isclose(probability, (RATE * (1 - RATE)) ** (N_UNITS // 2))
    yield near("sub-networks", len(outputs), 2**N_UNITS)
    yield near("those with half of the units", half.sum(), math.comb(10, 5))
    difference = np.abs(probability @ outputs - network.predict(x)).max()
    yield near("largest difference of their mean from the prediction", difference, 0, 1e-12)


def picture():
    x, outputs, probability, network = example()
    axes = places()
    axes.plot(x, outputs[:: len(outputs) // 60].T, color="C0", alpha=0.12, linewidth=0.8)
    axes.plot(x, probability @ outputs, linewidth=4, color="C1", label="mean of all 1,024")
    axes.plot(x, network.predict(x), "k--", label="prediction")
    axes.set(xlabel="x", ylabel="y")
    axes.legend()
    return axes


if __name__ == "__main__":
    report(run, picture)
