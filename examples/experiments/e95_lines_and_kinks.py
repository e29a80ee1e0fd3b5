"""
E95 and E96: A line by descent, exercise
========================================

A line by descent, and a line with a kink by a network.
"""

import warnings

import numpy as np
from shared_figures import near, report
from shared_pictures import places
from sklearn.datasets import make_regression

from skarma import MLPRegressor

ROWS = ("E95", "E96")


def data():
    x, y = make_regression(n_samples=1000, n_features=1, noise=2, random_state=42)
    return (x - x.min()) / (x.max() - x.min()), y


def fitted():
    """x, a line, a network for a line with a kink, and the targets of that."""
    x, y = data()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        line = MLPRegressor(
            hidden_layer_sizes=(), solver="gd", learning_rate_init=0.2, alpha=0, max_iter=2000,
            tol=0, n_iter_no_change=2000, random_state=0,
        ).fit(x, y)  # fmt: skip
        y = np.where(x[:, 0] > 0.5, -2 * y, y)
        kink = MLPRegressor(
            hidden_layer_sizes=(100, 100), learning_rate_init=0.01, batch_size=1000, alpha=0,
            max_iter=1000, tol=0, n_iter_no_change=1000, random_state=0,
        ).fit(x, y)  # fmt: skip
    return x, line, kink, y


def run():
    x, line, kink, kinked = fitted()
    yield near("slope after 2000 steps", line.coefs_[0][0, 0], 118.43, 0.05)
    yield near("intercept", line.intercepts_[0][0], -54.10, 0.05)
    error = ((line.predict(x) - data()[1]) ** 2).mean()
    yield near("mean squared error", error, 3.9216, 2e-3)
    yield near("R2 of a line with a kink", kink.score(x, kinked), 0.971, 0.02)


def picture():
    left, right = places(1, 2, (8, 3.6))
    x, line, kink, kinked = fitted()
    order = np.argsort(x[:, 0])
    for axes, y, network in ((left, data()[1], line), (right, kinked, kink)):
        axes.plot(x, y, ".", color="0.7", markersize=2)
        axes.plot(x[order], network.predict(x[order]))
        axes.set(xlabel="x", ylabel="y")
    return left, right


if __name__ == "__main__":
    report(run, picture)
