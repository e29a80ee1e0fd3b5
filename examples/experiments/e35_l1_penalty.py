"""
E35: L1 penalty
===============

An L1 penalty, l1 times the sum of the weights' magnitudes, divided by the samples.

Its gradient is l1 / n times the sign, and weights that a step would take beyond 0 stay there: those
of features that say nothing become 0 exactly, which an L2 penalty does not do.
"""

import numpy as np
from shared_figures import between, near, report
from shared_pictures import places

from skarma import MLPRegressor

N_SAMPLES, N_USEFUL, N_FEATURES = 200, 5, 30


def data():
    random_state = np.random.RandomState(0)
    X = random_state.normal(size=(N_SAMPLES, N_FEATURES))
    y = X[:, :N_USEFUL] @ np.arange(1, N_USEFUL + 1) + random_state.normal(size=N_SAMPLES)
    return X, y


def linear(X, y, **settings):
    """A linear model by gradient descent over all samples, whose steps end small."""
    common = {"hidden_layer_sizes": (), "solver": "gd", "learning_rate_init": 0.2, "alpha": 0}
    common |= {"max_iter": 2000, "n_iter_no_change": 2000, "random_state": 0}
    return MLPRegressor(**common | settings).fit(X, y)


def run():
    X, y = data()
    lasso, ridge = linear(X, y, l1=60), linear(X, y, alpha=60)
    w = lasso.coefs_[0][:, 0]
    yield near("weights of useful features that are 0", np.sum(w[:N_USEFUL] == 0), 0)
    yield between("share of the others that are 0, L1", np.mean(w[N_USEFUL:] == 0), 0.9, 1.0)
    yield near("share of the others that are 0, L2", np.mean(ridge.coefs_[0][N_USEFUL:] == 0), 0)
    gradient = X.T @ (lasso.predict(X) - y) / N_SAMPLES
    rest = np.abs(gradient + 60 / N_SAMPLES * np.sign(w))[w != 0].max()
    yield near("largest derivative by a weight that is not 0", rest, 0, 1e-9)
    largest = np.abs(gradient[w == 0]).max() / (60 / N_SAMPLES)
    yield between("largest one without penalty where it is 0, / (l1 / n)", largest, 0, 1)
    squares = np.mean((lasso.predict(X) - y) ** 2) / 2 + 60 / N_SAMPLES * np.abs(w).sum()
    yield near("loss_ / the formula", lasso.loss_ / squares, 1, 1e-9)


def picture():
    X, y = data()
    axes = places()
    for name, settings in (("L2, alpha=60", {"alpha": 60}), ("L1, l1=60", {"l1": 60})):
        weights = linear(X, y, **settings).coefs_[0][:, 0]
        axes.plot(np.arange(1, N_FEATURES + 1), weights, "o", label=name)
    axes.axhline(0, color="0.8", zorder=0)
    axes.set(xlabel=f"feature, of which the first {N_USEFUL} say something", ylabel="weight")
    axes.legend()
    return axes


if __name__ == "__main__":
    report(run, picture)
