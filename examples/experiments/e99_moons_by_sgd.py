"""
E99: Moons by stochastic gradient descent, exercise
===================================================

Six tanh units and two moons by stochastic gradient descent.
"""

import warnings

from shared_figures import between, report
from shared_pictures import boundary, places
from sklearn.datasets import make_moons

from skarma import MLPClassifier


def fitted():
    X, y = make_moons(200, noise=0.1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = MLPClassifier(
            (6,), "tanh", solver="sgd", momentum=0, learning_rate_init=0.4, batch_size=32,
            alpha=0, max_iter=30, random_state=0,
        ).fit(X[:180], y[:180], X_val=X[180:], y_val=y[180:])  # fmt: skip
    return X, y, network


def run():
    X, y, network = fitted()
    yield between("train accuracy", network.score(X[:180], y[:180]), 0.84, 0.95)
    yield between("accuracy on the last 20", network.score(X[180:], y[180:]), 0.8, 1)
    yield between("epochs of validation losses", len(network.validation_loss_curve_), 1, 30)


def picture():
    X, y, network = fitted()
    return boundary(places(), network, X[:180], y[:180], X[180:], y[180:])


if __name__ == "__main__":
    report(run, picture)
