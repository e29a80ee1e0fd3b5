"""E56: reverse-mode differentiation of d = a b + 1, and of a a, where a appears twice."""

from shared_figures import near, show

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


if __name__ == "__main__":
    show(run())
