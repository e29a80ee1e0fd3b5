"""
E22: A badly conditioned function that is not convex
====================================================

F(x) = log(1 + .01 x_1^2 + x_2^2), badly conditioned and not convex, from (3, 3).
"""

import numpy as np
from shared_figures import between, near, report

from skarma import demos

N_STEPS = {0.22: 1823, 0.63: 677, 0.95: 459}


def paths():
    rules = [demos.Rule("gd", rate, f"step size {rate}") for rate in N_STEPS]
    return demos.optimizer_paths("log_valley", rules, epsilon=1e-10, max_steps=5000)


def run():
    for path, (rate, expected) in zip(paths().paths, N_STEPS.items(), strict=True):
        yield near(f"steps, step size {rate}", path.n_steps, expected)
    first = paths()["step size 0.63"].points[:30, 1]
    yield between("steps at .63 that cross the valley's floor, of the first 29",
                  (np.diff(np.sign(first)) != 0).sum(), 5)  # fmt: skip


def picture():
    return paths().plot()


if __name__ == "__main__":
    report(run, picture)
