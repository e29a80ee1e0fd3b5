"""
E15: Empirical risk minimisation
================================

What training minimises, from the weights that it leaves.

The mean loss over the samples, by their weights, and the penalty alpha / 2 times the sum of the
squared weights, which is divided by the same sum; biases are free. A squared error has a factor of
1/2.
"""

import numpy as np
from shared_figures import cancer, near, report, wave
from shared_pictures import curves, places

from skarma import MLPClassifier, MLPRegressor

SETTINGS = {"hidden_layer_sizes": (7,), "alpha": 0.5, "solver": "lbfgs", "max_iter": 20}


def penalty(network, total):
    return 0.25 / total * sum(np.sum(w**2) for w in network.coefs_)


def run():
    X, y, _, _ = cancer()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    weights = np.random.RandomState(0).uniform(0.5, 2, len(y))
    for name, given in (("", None), (", with weights", weights)):
        used = np.ones(len(y)) if given is None else given
        network = MLPClassifier(**SETTINGS, random_state=0).fit(X, y, sample_weight=given)
        p = network.predict_proba(X)[np.arange(len(y)), y]
        value = np.average(-np.log(p), weights=used) + penalty(network, used.sum())
        yield near(f"cross-entropy{name}: loss_ / the formula", network.loss_ / value, 1, 1e-10)
    x, numbers = wave()
    network = MLPRegressor(**SETTINGS, random_state=0).fit(x, numbers)
    squares = (network.predict(x) - numbers) ** 2
    value = np.mean(squares) / 2 + penalty(network, len(numbers))
    yield near("squared error: loss_ / the formula", network.loss_ / value, 1, 1e-10)


def picture():
    """The objective and its two terms on the way."""
    X, y, _, _ = cancer()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    lines = {"objective": [], "mean loss": [], "penalty": []}
    for n in range(1, 21):
        network = MLPClassifier(**SETTINGS | {"max_iter": n}, random_state=0).fit(X, y)
        p = network.predict_proba(X)[np.arange(len(y)), y]
        terms = np.mean(-np.log(p)), penalty(network, len(y))
        for values, value in zip(lines.values(), (network.loss_, *terms), strict=True):
            values.append(value)
    return curves(places(), lines, xlabel="iteration of L-BFGS", yscale="log")


if __name__ == "__main__":
    report(run, picture)
