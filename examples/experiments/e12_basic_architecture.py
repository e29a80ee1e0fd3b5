"""E12: three inputs, four hidden units, two outputs."""

import numpy as np
from shared_figures import near, show

from skarma import MLPRegressor


def run():
    random_state = np.random.RandomState(0)
    X, Y = random_state.normal(size=(20, 3)), random_state.normal(size=(20, 2))
    network = MLPRegressor(hidden_layer_sizes=(4,), max_iter=1, random_state=0).fit(X, Y)
    arrays = [*network.coefs_, *network.intercepts_]
    yield near("parameters", sum(array.size for array in arrays), 26)
    (w1, w2), (b1, b2) = network.coefs_, network.intercepts_
    by_hand = np.maximum(X @ w1 + b1, 0) @ w2 + b2
    yield near("largest difference from h = f(x W1 + b1), o = h W2 + b2",
               np.abs(network.predict(X) - by_hand).max(), 0, 1e-12)  # fmt: skip


if __name__ == "__main__":
    show(run())
