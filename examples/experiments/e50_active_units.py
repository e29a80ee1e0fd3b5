"""
E50 and E51: About half the relu units are active at the start
==============================================================

Half of the relu units are active at the start, and gradients vanish in sigmoids.

MNIST's first images, networks as they are drawn.
"""

import numpy as np
from shared_figures import mnist, near, report
from shared_pictures import digits, places

from skarma import MLPClassifier

ROWS = ("E50", "E51")


def untrained(X, y, **settings):
    """The first weights: a step of length 0 leaves them."""
    settings = {
        "solver": "gd",
        "learning_rate_init": 1e-300,
        "alpha": 0,
        "random_state": 0,
    } | settings
    return MLPClassifier(max_iter=1, **settings).fit(X, y)


def gradients(X, y, **settings):
    """Those of the weights, by layer: what one step of gradient descent takes from them."""
    before = untrained(X, y, **settings)
    after = untrained(X, y, **settings | {"learning_rate_init": 1.0})
    return [b - a for a, b in zip(after.coefs_, before.coefs_, strict=True)]


def rms(values):
    return np.sqrt(np.mean(values**2))


def run():
    X, y, _, _ = mnist()
    for sizes, shares in (((100,), (0.515,)), ((100, 100, 100), (0.515, 0.483, 0.576))):
        network, values = untrained(X[:2000], y[:2000], hidden_layer_sizes=sizes), X[:2000]
        for i, expected in enumerate(shares):
            values = np.maximum(values @ network.coefs_[i] + network.intercepts_[i], 0)
            name = f"share of active units, layer {i + 1} of {len(sizes)}"
            yield near(name, np.mean(values > 0), expected, 0.0006)
    deep = {"hidden_layer_sizes": (100,) * 5}
    for activation, ratio, tolerance in (
        ("logistic", 40_642, 2),
        ("tanh", 3.7, 0.05),
        ("relu", 4.7, 0.05),
    ):
        by_layer = gradients(X[:1000], y[:1000], activation=activation, **deep)
        found = rms(by_layer[-1]) / rms(by_layer[0])
        yield near(
            f"rms gradient of the last layer / the first, {activation}", found, ratio, tolerance
        )


def picture():
    """On scikit-learn's digits: the shares of units that are active, by layer, for ten starts."""
    X, y = digits()
    axes = places()
    for seed in range(10):
        shares, values = [], X
        network = untrained(X, y, hidden_layer_sizes=(100,) * 5, random_state=seed)
        for w, b in zip(network.coefs_[:-1], network.intercepts_[:-1], strict=True):
            values = np.maximum(values @ w + b, 0)
            shares.append(np.mean(values > 0))
        axes.plot(range(1, 6), shares, "o-", alpha=0.6)
    axes.axhline(0.5, color="0.7", zorder=0)
    axes.set(xlabel="hidden layer", ylabel="share of active units", ylim=(0, 1), xticks=range(1, 6))
    return axes


if __name__ == "__main__":
    report(run, picture)
