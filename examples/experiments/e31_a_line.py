"""
E31: A line by plain gradient descent
=====================================

A line y = 0.1 x + 0.3 by plain gradient descent, and by a network without hidden layers.

The network's learning rate is twice as large: its loss is half the mean squared error.
"""

import numpy as np
from shared_figures import near, report

from skarma import MLPRegressor, demos

SHOWN = {0: (0.4191, 0.1791), 20: (0.1755, 0.2617), 40: (0.1188, 0.2905),
         100: (0.1003, 0.2999), 140: (0.1, 0.3)}  # fmt: skip


def fit():
    random_state = np.random.RandomState(0)
    x = random_state.uniform(size=100)
    start = random_state.uniform(-1, 1), 0
    return demos.line_fit(x, 0.1 * x + 0.3, start=start, learning_rate=0.5, max_steps=201)


def run():
    line = fit()
    for step, (slope, intercept) in SHOWN.items():
        obtained = line.path.points[step + 1]  # the lecture prints after a step
        yield near(f"slope, step {step}", obtained[0], slope, 5e-5)
        yield near(f"intercept, step {step}", obtained[1], intercept, 5e-5)
    network = MLPRegressor(
        hidden_layer_sizes=(), solver="sgd", momentum=0, learning_rate_init=1.0, batch_size=100,
        alpha=0, max_iter=201, tol=0, n_iter_no_change=1000, random_state=0,
    ).fit(line.x[:, None], line.y)  # fmt: skip
    yield near("slope", network.coefs_[0][0, 0], 0.1, 1e-6)
    yield near("intercept", network.intercepts_[0][0], 0.3, 1e-6)


def picture():
    return fit().plot()


if __name__ == "__main__":
    report(run, picture)
