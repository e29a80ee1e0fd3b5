"""E81: a small step up the gradient of the loss by the inputs fools a network."""

import numpy as np
from shared_figures import between, show
from sklearn.datasets import load_digits

from skarma import MLPClassifier


def run():
    X, y = load_digits(return_X_y=True)
    X = X / 16
    network = MLPClassifier((64,), max_iter=60, learning_rate_init=0.005, random_state=0)
    network.fit(X[:1200], y[:1200])
    X_test, y_test = X[1200:], y[1200:]
    step = 0.2 * np.sign(network.input_gradient(X_test, y_test))
    noise = 0.2 * np.random.RandomState(0).choice([-1, 1], X_test.shape)
    yield between("test accuracy", network.score(X_test, y_test), 0.9, 1)
    yield between("with noise of that size", network.score(X_test + noise, y_test), 0.7, 1)
    yield between("a step of 0.2 up the gradient", network.score(X_test + step, y_test), 0, 0.2)


if __name__ == "__main__":
    show(run())
