"""E32: descent by hand with automatic derivatives: one weight, a sum of squares, 500 steps.

Every step brings w nearer to sum(x y) / sum(x x) by the factor 1 - 2 rate sum(x x).
"""

import numpy as np
from shared_figures import between, near, show

from skarma.autodiff import Variable

RATE, N_STEPS = 1e-6, 500


def run():
    random_state = np.random.RandomState(0)
    x, y = random_state.standard_normal(100), random_state.standard_normal(100)
    w = Variable(random_state.standard_normal())
    start, best = w.value, x @ y / (x @ x)
    for step in range(1, N_STEPS + 1):
        loss = ((x * w - y) ** 2).sum()
        loss.backward()
        w = Variable(w.value - RATE * w.grad)
        if step % 100 == 0:
            expected = best + (1 - 2 * RATE * (x @ x)) ** step * (start - best)
            yield near(f"w - its expected value, step {step}", w.value - expected, 0, 1e-13)
    left = (w.value - best) / (start - best)
    yield between("distance from sum(x y) / sum(x x), of that at first", left, 0.89, 0.92)


if __name__ == "__main__":
    show(run())
