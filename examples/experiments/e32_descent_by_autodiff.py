"""
E32: Descent by hand with automatic derivatives
===============================================

Descent by hand with automatic derivatives: one weight, a sum of squares, 500 steps.

Every step brings w nearer to sum(x y) / sum(x x) by the factor 1 - 2 rate sum(x x).
"""

import numpy as np
from shared_figures import between, near, report
from shared_pictures import curves, places

from skarma.autodiff import Variable

RATE, N_STEPS = 1e-6, 500


def descent():
    """The data, and the weight after each step."""
    random_state = np.random.RandomState(0)
    x, y = random_state.standard_normal(100), random_state.standard_normal(100)
    w = Variable(random_state.standard_normal())
    weights = [float(w.value)]
    for _ in range(N_STEPS):
        loss = ((x * w - y) ** 2).sum()
        loss.backward()
        w = Variable(w.value - RATE * w.grad)
        weights.append(float(w.value))
    return x, y, weights


def run():
    x, y, weights = descent()
    start, best = weights[0], x @ y / (x @ x)
    for step in range(100, N_STEPS + 1, 100):
        expected = best + (1 - 2 * RATE * (x @ x)) ** step * (start - best)
        yield near(f"w - its expected value, step {step}", weights[step] - expected, 0, 1e-13)
    left = (weights[-1] - best) / (start - best)
    yield between("distance from sum(x y) / sum(x x), of that at first", left, 0.89, 0.92)


def picture():
    x, y, weights = descent()
    lines = {"w": weights, "sum(x y) / sum(x x)": np.full(len(weights), x @ y / (x @ x))}
    return curves(places(), lines, np.arange(len(weights)), xlabel="step", ylabel="weight")


if __name__ == "__main__":
    report(run, picture)
