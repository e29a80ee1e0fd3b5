"""
E58 and E59: Backpropagation in a layered network
=================================================

The chain rule through a layered network, written out, beside differences.
"""

import numpy as np
from shared_figures import between, report
from shared_pictures import beside, places

from skarma import MLPRegressor

ROWS = ("E58", "E59")


def forward(x, coefs, intercepts):
    """The values of each layer; the last one is linear."""
    values = [x]
    for number, (w, b) in enumerate(zip(coefs, intercepts, strict=True), start=1):
        z = values[-1] @ w + b
        values.append(z if number == len(coefs) else np.tanh(z))
    return values


def backward(values, coefs, y):
    """The derivatives of half the mean squared error by all weights, the first layer's first."""
    delta, gradients = (values[-1] - y) / len(y), []
    for w, below in zip(reversed(coefs), reversed(values[:-1]), strict=True):
        gradients.insert(0, below.T @ delta)
        delta = (delta @ w.T) * (1 - below**2)
    return gradients


def gradients():
    """Those by hand, what a step takes from the weights, the first network, and the data."""
    random_state = np.random.RandomState(0)
    X, y = random_state.standard_normal((30, 4)), random_state.standard_normal((30, 1))
    settings = {
        "hidden_layer_sizes": (5, 3), "activation": "tanh", "solver": "gd", "alpha": 0,
        "max_iter": 1, "random_state": 0,
    }  # fmt: skip
    start = MLPRegressor(**settings, learning_rate_init=1e-300).fit(X, y.ravel())
    after = MLPRegressor(**settings, learning_rate_init=1.0).fit(X, y.ravel())
    by_hand = backward(forward(X, start.coefs_, start.intercepts_), start.coefs_, y)
    step = [before - now for before, now in zip(start.coefs_, after.coefs_, strict=True)]
    return by_hand, step, start, (X, y)


def run():
    by_hand, step, start, (X, y) = gradients()
    coefs, intercepts = start.coefs_, start.intercepts_
    values = forward(X, coefs, intercepts)
    difference = np.abs(start.predict(X) - values[-1].ravel()).max()
    yield between("largest difference of the forward pass", difference, 0, 1e-12)
    for layer, (ours, theirs) in enumerate(zip(step, by_hand, strict=True)):
        yield between(f"largest difference of the gradient, layer {layer}",
                      np.abs(ours - theirs).max(), 0, 1e-12)  # fmt: skip
    moved = [coef.copy() for coef in coefs]
    moved[0][0, 0] += 1e-6
    up = ((forward(X, moved, intercepts)[-1] - y) ** 2).mean() / 2
    moved[0][0, 0] -= 2e-6
    down = ((forward(X, moved, intercepts)[-1] - y) ** 2).mean() / 2
    yield between("its first derivative beside a central difference",
                  abs((up - down) / 2e-6 - by_hand[0][0, 0]), 0, 1e-8)  # fmt: skip


def picture():
    by_hand, step, _, _ = gradients()
    flat = [np.concatenate([np.ravel(array) for array in arrays]) for arrays in (by_hand, step)]
    return beside(places(), *flat, xlabel="gradient by hand", ylabel="what a step takes")


if __name__ == "__main__":
    report(run, picture)
