"""
E33 and E34: Ridge regression, closed form and descent
======================================================

Ridge regression in closed form, by L-BFGS and by descent.
"""

import numpy as np
from shared_figures import between, near, report

from skarma import MLPRegressor, demos

ROWS = ("E33", "E34")
PENALTY = 0.1


def data(noise):
    random_state = np.random.RandomState(0)
    X = random_state.standard_normal((50, 5))
    return X, X @ random_state.standard_normal(5) + noise * random_state.standard_normal(50)


def run():
    X, y = data(noise=0.3)
    X, y = X - X.mean(axis=0), y - y.mean()  # so that the intercept is 0
    n = len(y)
    by_hand = demos.ridge_fit(X, y, PENALTY)
    # The minimum of 1 / (2 n) |X w - y|^2 + penalty |w|^2; ours has alpha / (2 n) |w|^2.
    settings = {"hidden_layer_sizes": (), "alpha": 2 * n * PENALTY, "random_state": 0}
    by_lbfgs = MLPRegressor(solver="lbfgs", tol=1e-10, **settings).fit(X, y)
    by_descent = MLPRegressor(
        solver="gd", learning_rate_init=0.3, max_iter=500, tol=0, n_iter_no_change=500, **settings
    ).fit(X, y)
    for name, w in (
        ("L-BFGS", by_lbfgs.coefs_[0][:, 0]),
        ("descent", by_descent.coefs_[0][:, 0]),
        ("descent by hand", by_hand.path.points[-1]),
    ):
        difference = np.abs(w - by_hand.closed_form).max()
        yield between(f"largest difference from the closed form, {name}", difference, 0, 1e-6)
    X, y = data(noise=0.1)
    fit = demos.ridge_fit(X, y, PENALTY)
    plain = np.linalg.solve(X.T @ X + PENALTY * np.eye(5), X.T @ y)  # as the lecture prints it
    yield near("objective by 2 n penalty", fit.objective.value(fit.closed_form), 0.0998, 5e-5)
    yield near("objective by penalty", fit.objective.value(plain), 0.1249, 5e-5)


def picture():
    return demos.ridge_fit(*data(noise=0.1), PENALTY, max_steps=40).plot()


if __name__ == "__main__":
    report(run, picture)
