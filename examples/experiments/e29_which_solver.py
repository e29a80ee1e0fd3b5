"""
E29: Which algorithm when
=========================

L-BFGS for small data, Adam for large: who is lower after as many passes.
"""

import numpy as np
from shared_figures import between, cancer, mnist, report
from shared_pictures import places

from skarma import MLPClassifier


def loss(X, y, solver, n_passes, seed):
    """After so many evaluations of all samples, or epochs."""
    network = MLPClassifier((50,), solver=solver, max_iter=n_passes, random_state=seed)
    if solver == "lbfgs":
        network.set_params(max_fun=n_passes - 1)
    return network.fit(X, y).loss_


def run():
    X, y, _, _ = cancer()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    images, labels, _, _ = mnist()
    for name, data, n_passes, low, high in (
        ("426 samples, 60 passes", (X, y), 60, 0.0, 0.2),
        ("20,000 images, 5 passes", (images[:20_000], labels[:20_000]), 5, 2.0, 20.0),
    ):
        ratios = [
            loss(*data, "lbfgs", n_passes, seed) / loss(*data, "adam", n_passes, seed)
            for seed in range(2)
        ]
        yield between(f"{name}: loss of lbfgs / adam", np.mean(ratios), low, high)


def picture():
    X, y, _, _ = cancer()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    axes = places()
    for solver in ("lbfgs", "adam"):
        history = (
            MLPClassifier((50,), solver=solver, max_iter=60, random_state=0).fit(X, y).history_
        )
        axes.plot(np.arange(history.n_epochs) + 1, history["loss"], label=solver)
    axes.set(xlabel="iteration of lbfgs, epoch of adam", ylabel="loss", yscale="log")
    axes.legend()
    return axes


if __name__ == "__main__":
    report(run, picture)
