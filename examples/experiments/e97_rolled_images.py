"""
E97: MNIST, rolled test images, exercise
========================================

MNIST standardised, a falling learning rate, and test images that are rolled by 3 pixels.

784-32-10, SGD with rate 0.01, halved after epochs 5 and 8, batches of 64, 10 epochs. By default
10,000 images; all of them with ``--full``.
"""

import numpy as np
from shared_figures import between, mnist, near, report
from shared_pictures import bars, places, whole_figures

from skarma import MLPClassifier


def run(full=False):
    X, y, X_test, y_test = mnist()
    if not full:
        X, y = X[:10_000], y[:10_000]
    mean, deviation = X.mean(), X.std()
    network = MLPClassifier(
        (32,),
        solver="sgd",
        learning_rate="step(5, 8, factor=0.5)",
        learning_rate_init=0.01,
        batch_size=64,
        alpha=0,
        max_iter=10,
        random_state=0,
    ).fit((X - mean) / deviation, y)
    rates = network.history_["learning_rate"]
    for epoch, expected in ((5, 0.01), (6, 0.005), (9, 0.0025)):
        yield near(f"learning rate, epoch {epoch}", rates[epoch - 1], expected, 1e-12)
    rolled = np.roll(X_test.reshape(-1, 28, 28), 3, axis=2).reshape(-1, 784)
    plain, moved = (network.score((x - mean) / deviation, y_test) for x in (X_test, rolled))
    low, high = (0.95, 0.97) if full else (0.91, 0.95)
    yield between("test accuracy", plain, low, high)
    yield between("test accuracy, rolled by 3 pixels", moved, 0.4, 0.65)


def picture():
    """Of the whole run."""
    known = whole_figures("E97")
    accuracies = {name: value for name, value in known.items() if "accuracy" in name}
    return bars(places(size=(6.4, 2.2)), accuracies, xlabel="accuracy", xlim=(0, 1.1))


if __name__ == "__main__":
    report(run, picture)
