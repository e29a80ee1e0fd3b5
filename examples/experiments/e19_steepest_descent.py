"""
E19: Steepest descent with a stop rule
======================================

Steepest descent, at most K steps, until one changes the function by less than epsilon.

On f(x) = (x_1^2 + 2 x_2^2) / 2 from (1, 1), where each step multiplies x_1 by 1 - rate and x_2 by
1 - 2 rate.
"""

import numpy as np
from shared_figures import between, near, report

from skarma import demos

RATE, EPSILON = 0.22, 1e-10


def descend(max_steps=1000):
    return demos.optimizer_paths(
        "quadratic", ["gd"], learning_rate=RATE, epsilon=EPSILON, max_steps=max_steps
    )


def run():
    path = descend().paths[0]
    yield near("steps until the change is below epsilon", path.n_steps, 45)
    changes = -np.diff(path.values)
    yield between("last change of f", changes[-1], 0, EPSILON)
    yield between("change of f before it", changes[-2], EPSILON, 2 * EPSILON)
    yield between("f at the end", path.values[-1], 0, 1e-9)
    shrunk = (1 - RATE * np.array([1, 2])) ** np.arange(path.n_steps + 1)[:, None]
    error = np.abs(path.points - shrunk).max()
    yield between("largest difference from (1 - rate eigenvalue)^step", error, 0, 1e-14)
    yield near("steps if K is 20", descend(max_steps=20).paths[0].n_steps, 20)


def picture():
    return descend().plot()


if __name__ == "__main__":
    report(run, picture)
