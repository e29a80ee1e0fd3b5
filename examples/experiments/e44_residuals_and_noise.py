"""
E44: Residual networks, noise on inputs
=======================================

Two of the improvements that are named: residual connections, and noise on the inputs.

Twenty layers of eight units: with residual connections they learn. Noise on the inputs of a linear
model is a ridge penalty of n times its variance (Bishop, Neural Computation 7, 1995).
"""

import numpy as np
from shared_figures import between, near, report, wave
from shared_pictures import curves, places
from sklearn.linear_model import Ridge

from skarma import MLPRegressor


def deep(residual, seed):
    x, y = wave()
    network = MLPRegressor(
        hidden_layer_sizes=(8,) * 20,
        activation="tanh",
        residual=residual,
        batch_size=20,
        max_iter=200,
        n_iter_no_change=200,
        random_state=seed,
    )
    return network.fit(x, y - y.mean())


def run():
    plain, residual = (
        np.median([deep(residual, seed).loss_ for seed in range(3)]) for residual in (False, True)
    )
    yield between("loss with residual connections / without", residual / plain, 0, 0.8)
    random_state = np.random.RandomState(0)
    X = random_state.normal(size=(50, 4))
    y = X @ [1, -2, 3, 0.5] + 0.1 * random_state.normal(size=50)
    network = MLPRegressor(
        hidden_layer_sizes=(),
        noise=0.7,
        alpha=0,
        solver="gd",
        learning_rate="exponential(factor=0.9995)",
        learning_rate_init=0.3,
        max_iter=15_000,
        n_iter_no_change=15_000,
        tol=0,
        random_state=0,
    ).fit(X, y)
    ridge = Ridge(alpha=50 * 0.7**2).fit(X, y)
    for i, expected in enumerate(ridge.coef_):
        yield near(f"weight {i + 1} with noise", network.coefs_[0][i, 0], expected, 0.05)


def picture():
    lines = {
        "twenty layers": deep(False, 0).loss_curve_,
        "with residual connections": deep(True, 0).loss_curve_,
    }
    return curves(places(), lines, xlabel="epoch", ylabel="loss", yscale="log")


if __name__ == "__main__":
    report(run, picture)
