"""
E14: Grid search over epochs and sizes on MNIST
===============================================

A search over epochs and hidden units on MNIST.

One hidden layer of relu, Adam, batches of 32, no penalty, five contiguous folds. A network that
goes on gives the scores after 1, 5 and 10 epochs. By default 6,000 images in three folds; all of
them with ``--full``, in some minutes.
"""

import numpy as np
from shared_figures import between, mnist, near, report
from shared_pictures import places, whole_figures
from sklearn.model_selection import KFold

from skarma import MLPClassifier

EPOCHS, UNITS = (1, 5, 10), (32, 64, 256)
#: Mean accuracy on the test and on the training folds, by units and epochs.
PUBLISHED = {
    32: ((0.930017, 0.935350), (0.956417, 0.969746), (0.960100, 0.979671)),
    64: ((0.941433, 0.948358), (0.967317, 0.983113), (0.968617, 0.992025)),
    256: ((0.959117, 0.966929), (0.973900, 0.992196), (0.975050, 0.996396)),
}


def scores_of(units, X, y, folds):
    """Mean test and train accuracy after each of EPOCHS, shape (epochs, 2)."""
    scores = []
    for train, test in folds.split(X):
        network = MLPClassifier((units,), batch_size=32, alpha=0, random_state=0)
        n_done, of_fold = 0, []
        for epochs in EPOCHS:
            network.partial_fit(X[train], y[train], classes=range(10), n_epochs=epochs - n_done)
            of_fold.append([network.score(X[part], y[part]) for part in (test, train)])
            n_done = epochs
        scores.append(of_fold)
    return np.mean(scores, axis=0)


def run(full=False):
    X, y, _, _ = mnist()
    if full:
        for units in UNITS:
            scores = scores_of(units, X, y, KFold(5))
            for i, epochs in enumerate(EPOCHS):
                for j, part in enumerate(("test", "train")):
                    name = f"{part} accuracy, {units} units, {epochs} epochs"
                    yield near(name, scores[i, j], PUBLISHED[units][i][j], 0.006)
        return
    few = scores_of(32, X[:6000], y[:6000], KFold(3))
    many = scores_of(256, X[:6000], y[:6000], KFold(3))
    yield between("test accuracy, 32 units, 1 epoch", few[0, 0], 0.81, 0.87)
    yield between("test accuracy, 32 units, 10 epochs", few[2, 0], 0.90, 0.94)
    yield between("test accuracy, 256 units, 10 epochs", many[2, 0], 0.93, 0.96)
    yield between("what 224 units more are worth after 10 epochs", many[2, 0] - few[2, 0], 0.005)
    yield between("train above test accuracy, 256 units, 10 epochs", np.ptp(many[2]), 0.03, 0.08)


def picture():
    """Of the whole run."""
    known = whole_figures("E14")
    axes = places()
    for units in UNITS:
        scores = [known[f"test accuracy, {units} units, {epochs} epochs"] for epochs in EPOCHS]
        axes.plot(EPOCHS, scores, "o-", label=f"{units} units")
    axes.set(xlabel="epochs", ylabel="accuracy on the test fold", xticks=EPOCHS)
    axes.legend()
    return axes


if __name__ == "__main__":
    report(run, picture)
