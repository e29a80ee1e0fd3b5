"""E31: a line y = 0.1 x + 0.3 by plain gradient descent."""

import numpy as np
from shared_figures import near, show

from skarma import MLPRegressor


def run():
    x = np.random.RandomState(0).uniform(size=(100, 1))
    network = MLPRegressor(
        hidden_layer_sizes=(), solver="sgd", momentum=0, learning_rate_init=1.0, batch_size=100,
        alpha=0, max_iter=201, tol=0, n_iter_no_change=1000, random_state=0,
    ).fit(x, 0.1 * x[:, 0] + 0.3)  # fmt: skip
    yield near("slope", network.coefs_[0][0, 0], 0.1, 1e-6)
    yield near("intercept", network.intercepts_[0][0], 0.3, 1e-6)


if __name__ == "__main__":
    show(run())
