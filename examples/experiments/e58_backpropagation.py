"""E58 and E59: the chain rule through a layered network, written out, beside differences."""

import numpy as np
from shared_figures import between, show

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


def run():
    random_state = np.random.RandomState(0)
    X, y = random_state.standard_normal((30, 4)), random_state.standard_normal((30, 1))
    settings = {
        "hidden_layer_sizes": (5, 3), "activation": "tanh", "solver": "gd", "alpha": 0,
        "max_iter": 1, "random_state": 0,
    }  # fmt: skip
    start = MLPRegressor(**settings, learning_rate_init=1e-300).fit(X, y.ravel())
    after = MLPRegressor(**settings, learning_rate_init=1.0).fit(X, y.ravel())
    coefs, intercepts = start.coefs_, start.intercepts_
    values = forward(X, coefs, intercepts)
    difference = np.abs(start.predict(X) - values[-1].ravel()).max()
    yield between("largest difference of the forward pass", difference, 0, 1e-12)
    by_hand = backward(values, coefs, y)
    step = [before - now for before, now in zip(coefs, after.coefs_, strict=True)]
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


if __name__ == "__main__":
    show(run())
