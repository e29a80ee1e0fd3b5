"""
E56: A toy of reverse-mode differentiation
==========================================

Reverse-mode differentiation of d = a b + 1, and of a a, where a appears twice.
"""

from shared_figures import near, report
from shared_pictures import curves, places

from skarma.autodiff import Variable


def run():
    a, b = Variable([1, 2]), Variable([3, 4])
    d = a * b + 1
    d.backward([1, 1])
    for name, values, expected in (
        ("d", d.value, (4, 9)),
        ("gradient by a", a.grad, (3, 4)),
        ("gradient by b", b.grad, (1, 2)),
    ):
        for number, value in enumerate(values):
            yield near(f"{name}, element {number}", value, expected[number])
    (a * a).sum().backward()  # the toy overwrites one of the two factors' derivatives
    for number, value in enumerate(a.grad):
        yield near(f"gradient of a a, element {number}", value, 2 * a.value[number])


def picture():
    """The gradient of the sum of a a, whose two factors are one variable."""
    a = Variable([-2.0, -1.0, 0.0, 1.0, 2.0])
    (a * a).sum().backward()
    lines = {"a a": a.value**2, "its gradient": a.grad}
    return curves(places(), lines, a.value, "o", xlabel="a")


if __name__ == "__main__":
    report(run, picture)
