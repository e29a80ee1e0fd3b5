"""
E57: Dual numbers and reverse mode
==================================

F = cos x sin y + x / y at (1, 2), by dual numbers and by the reverse mode.
"""

import numpy as np
from shared_figures import near, report
from shared_pictures import places

from skarma.autodiff import Dual, Variable, cos, sin


def f(x, y):
    return cos(x) * sin(y) + x / y


def run():
    x, y = Variable(1.0), Variable(2.0)
    value = f(x, y)
    value.backward()
    by_x = f(Dual(1.0, 1.0), Dual(2.0))
    by_y = f(Dual(1.0), Dual(2.0, 1.0))
    yield near("f", value.value, 0.9912955, 5e-8)
    yield near("df/dx, reverse mode", x.grad, -0.2651474, 5e-8)
    yield near("df/dy, reverse mode", y.grad, -0.4748451, 5e-8)
    yield near("df/dx, dual numbers, less the other", by_x.derivative - x.grad, 0, 1e-15)
    yield near("df/dy, dual numbers, less the other", by_y.derivative - y.grad, 0, 1e-15)


def picture():
    """f along x for y = 2, and the tangents that dual numbers give."""
    axes = places()
    x = np.linspace(-1, 4, 101)
    axes.plot(x, f(Dual(x), Dual(2.0)).value, label="f(x, 2)")
    for start in (0.0, 1.0, 3.0):
        at = f(Dual(start, 1.0), Dual(2.0))
        near_by = np.array([start - 0.6, start + 0.6])
        axes.plot(near_by, at.value + at.derivative * (near_by - start), "C1")
        axes.plot(start, at.value, "oC1")
    axes.set(xlabel="x", ylabel="f and its tangents")
    axes.legend()
    return axes


if __name__ == "__main__":
    report(run, picture)
