"""E57: f = cos x sin y + x / y at (1, 2), by dual numbers and by the reverse mode."""

from shared_figures import near, show

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


if __name__ == "__main__":
    show(run())
