"""
E30: A race of optimisers on a surface
======================================

A race of optimisers on four surfaces: what is left of a function's height by rule.

Each rule has the best of a few learning rates. L-BFGS, which sees the curvature, has none.
"""

import numpy as np
from shared_figures import between, report

from skarma import demos

RULES = {
    "gradient descent": ("gd", {}),
    "momentum": ("sgd", {"nesterovs_momentum": False}),
    "NAG": ("sgd", {}),
    "AdaGrad": ("adagrad", {}),
    "RMSProp": ("rmsprop", {"beta_2": 0.9, "epsilon": 1e-7}),
    "Adam": ("adam", {}),
    "L-BFGS": ("lbfgs", {}),
}
RATES = 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0
SURFACES = {"quadratic": 0, "ill_conditioned": 0, "log_valley": 0, "rosenbrock": 0, "saddle": -0.25}


def race(surface, max_steps=100):
    """The best path of each rule."""
    best = []
    for name, (solver, settings) in RULES.items():
        rules = [demos.Rule(solver, rate, name, **settings) for rate in RATES]
        paths = demos.optimizer_paths(surface, rules, max_steps=max_steps).paths
        best.append(min(paths, key=lambda path: np.nan_to_num(path.values[-1], nan=np.inf)))
    return demos.OptimizerPaths(demos.FUNCTIONS[surface], tuple(best))


def run():
    for surface, least in SURFACES.items():
        left = {}
        for path in race(surface).paths:
            height = path.values - least
            left[path.rule.label] = height[-1] / height[0]
            name = f"{surface}, height left by {path.rule.label}"
            yield between(name, left[path.rule.label], 0, 0.15)
        if surface in ("ill_conditioned", "rosenbrock"):
            gain = left["gradient descent"] / left["momentum"]
            yield between(f"{surface}, gradient descent / momentum", gain, 2)


def picture():
    """Paths with learning rates that go smoothly down Rosenbrock's valley."""
    rates = 0.001, 0.0005, 0.0005, 0.3, 0.01, 0.05, 1.0
    rules = [
        demos.Rule(solver, rate, name, **settings)
        for rate, (name, (solver, settings)) in zip(rates, RULES.items(), strict=True)
    ]
    return demos.optimizer_paths("rosenbrock", rules, max_steps=200).plot()


if __name__ == "__main__":
    report(run, picture)
