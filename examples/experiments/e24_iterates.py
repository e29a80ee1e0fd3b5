"""
E16 and E24 to E28: Steps of update rules
=========================================

The first steps of update rules on f(w) = w^2 / 2 from 1, rate 0.1.

A regression without a hidden layer whose one feature is 1 and -1 and whose targets are 0 has the
loss (w^2 + b^2) / 2, of which b = 0 stays 0.
"""

import warnings

import numpy as np
from shared_figures import near, report
from shared_pictures import curves, places

from skarma import MLPRegressor

ROWS = ("E16", "E24", "E25", "E26", "E27", "E28")
X, Y = np.array([[1.0], [-1.0]]), np.zeros(2)
RULES = {
    "gradient descent": ({"solver": "sgd", "momentum": 0.0}, (0.9, 0.81, 0.729)),
    "momentum": ({"solver": "sgd", "nesterovs_momentum": False}, (0.9, 0.72, 0.486)),
    "Nesterov, as scikit-learn writes it": ({"solver": "sgd"}, (0.81, 0.5751, 0.327321)),
    "AdaGrad": ({"solver": "adagrad"}, (0.9, 0.83310353, 0.78045618)),
    "RMSProp": (
        {"solver": "rmsprop", "beta_2": 0.9, "epsilon": 1e-7},
        (0.68377233, 0.49887074, 0.36918070),
    ),
    "Adam": ({"solver": "adam"}, (0.90000003, 0.80041228, 0.70158635)),
}


def iterate(n_steps, settings):
    network = MLPRegressor(
        hidden_layer_sizes=(),
        alpha=0.0,
        batch_size=2,
        max_iter=1,
        warm_start=True,
        tol=0.0,
        n_iter_no_change=1000,
    )
    network.set_params(**settings, learning_rate_init=1e-300).fit(X, Y)
    network.coefs_, network.intercepts_ = [np.array([[1.0]])], [np.array([0.0])]
    network.set_params(learning_rate_init=0.1, max_iter=n_steps).fit(X, Y)
    return network.coefs_[0][0, 0]


def run():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, (settings, expected) in RULES.items():
            for n_steps, value in enumerate(expected, start=1):
                yield near(f"{name}, step {n_steps}", iterate(n_steps, settings), value, 6e-9)


def picture():
    n_steps = 25
    lines = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, (settings, _) in RULES.items():
            lines[name] = [1.0] + [iterate(n, settings) for n in range(1, n_steps + 1)]
    return curves(places(), lines, np.arange(n_steps + 1), xlabel="step", ylabel="w")


if __name__ == "__main__":
    report(run, picture)
