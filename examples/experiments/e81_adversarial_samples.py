"""
E81: Adversarial samples
========================

A small step up the gradient of the loss by the inputs fools a network.
"""

import numpy as np
from shared_figures import between, report
from shared_pictures import places
from sklearn.datasets import load_digits

from skarma import MLPClassifier


def fooled():
    """A network, digits that it has not learnt, and steps that fool it."""
    X, y = load_digits(return_X_y=True)
    X = X / 16
    network = MLPClassifier((64,), max_iter=60, learning_rate_init=0.005, random_state=0)
    network.fit(X[:1200], y[:1200])
    X_test, y_test = X[1200:], y[1200:]
    step = 0.2 * np.sign(network.input_gradient(X_test, y_test))
    return network, X_test, y_test, step


def run():
    network, X_test, y_test, step = fooled()
    noise = 0.2 * np.random.RandomState(0).choice([-1, 1], X_test.shape)
    yield between("test accuracy", network.score(X_test, y_test), 0.9, 1)
    yield between("with noise of that size", network.score(X_test + noise, y_test), 0.7, 1)
    yield between("a step of 0.2 up the gradient", network.score(X_test + step, y_test), 0, 0.2)


def picture():
    """Digits, and the same after a step of 0.2 up the gradient, as the network reads them."""
    network, X, _, step = fooled()
    all_axes = places(2, 6, (8, 3.2))
    for column, image, moved in zip(all_axes.T, X[:6], (X + step)[:6], strict=True):
        for axes, pixels in zip(column, (image, moved), strict=True):
            axes.imshow(pixels.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            axes.set(title=f"read as {network.predict([pixels])[0]}", xticks=[], yticks=[])
    return all_axes


if __name__ == "__main__":
    report(run, picture)
