"""
E10: Means of complexity control
================================

Means against overfitting: fewer parameters, a penalty, early stopping, dropout.

200 noisy points of two moons in 8 dimensions, six of which say nothing, half of them to test with;
means over five draws.
"""

import numpy as np
from shared_figures import between, near, report
from shared_pictures import places
from sklearn.datasets import make_moons

from skarma import MLPClassifier

MEANS = {
    "fewer units": {"hidden_layer_sizes": (2,)},
    "a penalty": {"alpha": 5},
    "early stopping": {"early_stopping": True, "validation_fraction": 0.3},
    "dropout": {"dropout": 0.6},
}


def data(seed):
    random_state = np.random.RandomState(seed)
    X, y = make_moons(200, noise=0.35, random_state=random_state)
    return np.c_[X, random_state.normal(size=(200, 6))], y


def accuracies(**settings):
    """On the samples that it learns from, and on others."""
    common = {"hidden_layer_sizes": (100,), "alpha": 0, "batch_size": 20, "max_iter": 400}
    common |= {"learning_rate_init": 0.01, "n_iter_no_change": 400, "random_state": 0}
    if "early_stopping" in settings:
        common["n_iter_no_change"] = 10
    scores = []
    for seed in range(5):
        X, y = data(seed)
        network = MLPClassifier(**common | settings).fit(X[:100], y[:100])
        scores.append((network.score(X[:100], y[:100]), network.score(X[100:], y[100:])))
    return np.mean(scores, axis=0)


def run():
    train, test = accuracies()
    yield near("train accuracy without any", train, 1, 0.005)
    yield between("test accuracy without any", test, 0.75, 0.88)
    for name, settings in MEANS.items():
        controlled = accuracies(**settings)
        gap = np.subtract(*controlled) / (train - test)
        yield between(f"train - test accuracy with {name} / without", gap, -0.3, 0.96)
        yield between(f"test accuracy with {name} / without", controlled[1] / test, 0.97, 1.15)


def picture():
    found = {"none": accuracies()}
    found |= {name: accuracies(**settings) for name, settings in MEANS.items()}
    axes = places()
    for i, part in enumerate(("training samples", "other samples")):
        axes.plot(list(found), [scores[i] for scores in found.values()], "o", label=part)
    axes.set(ylabel="accuracy")
    axes.legend()
    return axes


if __name__ == "__main__":
    report(run, picture)
