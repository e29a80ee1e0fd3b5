"""E41: a network with dropout is an ensemble of 2^n networks that share their weights.

With n hidden units and a linear output, the mean of the outputs of all 2^n sub-networks, each by
the probability of its mask, is the output that predicts: all weights, scaled.
"""

import math
from itertools import product

import numpy as np
from shared_figures import near, show, wave

from skarma import MLPRegressor

N_UNITS, RATE = 10, 0.3


def run():
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
    yield near("sub-networks", len(masks), 2**N_UNITS)
    yield near("those with half of the units", np.sum(2 * kept == N_UNITS), math.comb(10, 5))
    difference = np.abs(probability @ outputs - network.predict(x)).max()
    yield near("largest difference of their mean from the prediction", difference, 0, 1e-12)


if __name__ == "__main__":
    show(run())
