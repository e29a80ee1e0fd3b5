"""E33 and E34: ridge regression in closed form, by L-BFGS and by descent."""

import numpy as np
from shared_figures import between, show

from skarma import MLPRegressor

ROWS = ("E33", "E34")
PENALTY = 0.1


def run():
    random_state = np.random.RandomState(0)
    X = random_state.standard_normal((50, 5))
    y = X @ random_state.standard_normal(5) + 0.3 * random_state.standard_normal(50)
    X, y = X - X.mean(axis=0), y - y.mean()  # so that the intercept is 0
    n = len(y)
    # The minimum of 1 / (2 n) |X w - y|^2 + penalty |w|^2; ours has alpha / (2 n) |w|^2.
    exact = np.linalg.solve(X.T @ X + 2 * n * PENALTY * np.eye(5), X.T @ y)
    settings = {"hidden_layer_sizes": (), "alpha": 2 * n * PENALTY, "random_state": 0}
    by_lbfgs = MLPRegressor(solver="lbfgs", tol=1e-10, **settings).fit(X, y)
    by_descent = MLPRegressor(
        solver="gd", learning_rate_init=0.3, max_iter=500, tol=0, n_iter_no_change=500, **settings
    ).fit(X, y)
    for name, network in (("L-BFGS", by_lbfgs), ("descent", by_descent)):
        difference = np.abs(network.coefs_[0][:, 0] - exact).max()
        yield between(f"largest difference from the closed form, {name}", difference, 0, 1e-6)
    plain = np.linalg.solve(X.T @ X + PENALTY * np.eye(5), X.T @ y)  # as the lecture prints it

    def objective(w):
        return ((X @ w - y) ** 2).mean() / 2 + PENALTY * w @ w

    yield between("objective by 2 n penalty less that by penalty", objective(exact)
                  - objective(plain), -np.inf, -1e-3)  # fmt: skip


if __name__ == "__main__":
    show(run())
