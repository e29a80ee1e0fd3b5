"""
E45 and E47: Sigmoid, tanh, relu, identity
==========================================

Activations at -2, 0 and 2, as one unit of a network computes them.
"""

import warnings

import numpy as np
from shared_figures import near, report
from shared_pictures import curves, places

from skarma import MLPRegressor

ROWS = ("E45", "E47")
POINTS = np.array([-2.0, 0.0, 2.0])
FORMULAS = {
    "logistic": 1 / (1 + np.exp(-POINTS)),
    "tanh": np.tanh(POINTS),
    "relu": np.maximum(POINTS, 0),
    "identity": POINTS,
    "leaky_relu(0.1)": np.where(POINTS > 0, POINTS, 0.1 * POINTS),
    "elu": np.where(POINTS > 0, POINTS, np.exp(POINTS) - 1),
    "softplus": np.log(1 + np.exp(POINTS)),
    "maxout(2)": np.maximum(POINTS, 0.3 - 0.5 * POINTS),  # of two pieces of our own choice
}


def unit(activation):
    """A network of one unit that hands its value through."""
    network = MLPRegressor(hidden_layer_sizes=(1,), activation=activation, max_iter=1)
    network.fit(np.zeros((2, 1)), np.zeros(2))
    pieces = np.array([[1.0]]), np.array([0.0])
    if activation == "maxout(2)":
        pieces = np.array([[1.0, -0.5]]), np.array([0.0, 0.3])
    network.coefs_ = [pieces[0], np.array([[1.0]])]
    network.intercepts_ = [pieces[1], np.array([0.0])]
    return network


def run():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, expected in FORMULAS.items():
            values = unit(name).predict(POINTS[:, None])
            for point, value, figure in zip(POINTS, values, expected, strict=True):
                yield near(f"{name} of {point:g}", value, figure, 1e-12)


def picture():
    points = np.linspace(-3, 3, 121)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lines = {name: unit(name).predict(points[:, None]) for name in FORMULAS}
    return curves(places(), lines, points, xlabel="x", ylabel="activation")


if __name__ == "__main__":
    report(run, picture)
