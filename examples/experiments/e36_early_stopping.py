"""
E36 and E37: Early stopping
===========================

Overfitting, seen on samples that are not trained on, and early stopping.

By default 3,000 of MNIST's images; with ``--full`` all of them, in scikit-learn's run: 32 units,
batches of 128, no penalty, a tenth held out, patience 10, seed 0.
"""

import numpy as np
from shared_figures import between, mnist, report
from shared_pictures import digits, places

from skarma import MLPClassifier

ROWS = ("E36", "E37")


def stopped(X, y):
    network = MLPClassifier(
        (32,), batch_size=128, alpha=0, early_stopping=True, random_state=0, max_iter=200
    )
    return network.fit(X, y)


def run(full=False):
    X, y, X_test, y_test = mnist()
    if full:
        network = stopped(X, y)
        yield between("epochs", network.n_iter_, 20, 45)
        best = np.argmax(network.validation_scores_) + 1
        yield between("epoch of the best validation score", best, 9, 34)
        yield between("best validation score", network.best_validation_score_, 0.959, 0.969)
        yield between("test accuracy", network.score(X_test, y_test), 0.960, 0.971)
        return
    X, y = X[:3000], y[:3000]
    network = MLPClassifier((100,), batch_size=32, alpha=0, random_state=0, max_iter=40, tol=0)
    network.set_params(n_iter_no_change=100).fit(X, y, X_val=X_test, y_val=y_test)
    training, validation = network.loss_curve_, network.validation_loss_curve_
    lowest = int(np.argmin(validation))
    yield between("training loss, last epoch / epoch 10", training[-1] / training[9], 0, 0.1)
    yield between("epoch of the lowest validation loss", lowest + 1, 3, 20)
    yield between("validation loss, last / lowest", validation[-1] / validation[lowest], 1.05, 2)
    early = stopped(X, y)
    yield between("epochs with early stopping", early.n_iter_, 12, 80)
    best = early.n_iter_ - 10
    yield between("its best epoch", np.argmax(early.validation_scores_) + 1, best - 1, best + 1)
    yield between("its test accuracy", early.score(X_test, y_test), 0.88, 0.93)


def picture():
    """On scikit-learn's digits."""
    X, y = digits()
    network = MLPClassifier((300,), batch_size=16, alpha=0, random_state=0, max_iter=60, tol=0)
    network.set_params(n_iter_no_change=100, learning_rate_init=0.005)
    network.fit(X[:400], y[:400], X_val=X[400:], y_val=y[400:])
    axes = network.history_.plot("loss", "validation_loss", ax=places())
    lowest = np.argmin(network.validation_loss_curve_) + 1
    axes.axvline(lowest, color="0.5", linestyle="--", label=f"lowest in epoch {lowest}")
    axes.set(ylabel="loss", yscale="log")
    axes.legend()
    return axes


if __name__ == "__main__":
    report(run, picture)
