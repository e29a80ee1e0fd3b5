"""E29: L-BFGS for small data, Adam for large: who is lower after as many passes."""

import numpy as np
from shared_figures import between, cancer, mnist, show

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


if __name__ == "__main__":
    show(run())
