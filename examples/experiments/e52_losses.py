"""
E46, E52 and E53: Squared error
===============================

The squared error, the cross-entropies, and the outputs that go with them.
"""

import warnings

import numpy as np
from scipy.special import expit, softmax
from shared_figures import near, report
from shared_pictures import curves, places
from sklearn.datasets import load_diabetes, load_iris
from sklearn.metrics import log_loss, mean_squared_error

from skarma import MLPClassifier, MLPRegressor

ROWS = ("E46", "E52", "E53")


def run():
    settings = {"hidden_layer_sizes": (8,), "solver": "lbfgs", "alpha": 0, "random_state": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        X, y = load_diabetes(return_X_y=True)
        numbers = MLPRegressor(**settings, max_iter=50).fit(X, y)
        half = mean_squared_error(y, numbers.predict(X)) / 2
        yield near("squared error, loss over half of scikit-learn's", numbers.loss_ / half, 1, 1e-9)
        X, y = load_iris(return_X_y=True)
        for name, labels, link in (
            ("three classes", y, lambda z: softmax(z, axis=1)),
            ("two classes", y > 0, lambda z: np.column_stack([1 - expit(z), expit(z)])),
        ):
            network = MLPClassifier(**settings, max_iter=50).fit(X, labels)
            p = network.predict_proba(X)
            yield near(f"{name}, loss over scikit-learn's", network.loss_ / log_loss(labels, p),
                       1, 1e-9)  # fmt: skip
            worst = np.abs(p - link(network.logits(X))).max()
            yield near(f"{name}, probabilities from the logits", worst, 0, 1e-12)


def picture():
    """Losses of a sample of the second class by its logit."""
    logit = np.linspace(-4, 4, 161)
    lines = {
        "cross-entropy": -np.log(expit(logit)),
        "squared error of the probability": (1 - expit(logit)) ** 2 / 2,
        "squared error of the logit": (1 - logit) ** 2 / 2,
    }
    axes = curves(places(), lines, logit, xlabel="logit", ylabel="loss")
    axes.set_ylim(0, 5)
    return axes


if __name__ == "__main__":
    report(run, picture)
