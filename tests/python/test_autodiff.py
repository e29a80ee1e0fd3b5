"""Automatic differentiation: both modes beside each other, beside differences and by hand."""

import gc
import math
import weakref

import numpy as np
import pytest
from scipy.special import erf

from skarma import autodiff
from skarma.autodiff import Dual, Variable

#: Each function of one argument beside NumPy's.
FUNCTIONS = {
    "sin": np.sin,
    "cos": np.cos,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "sqrt": np.sqrt,
    "erf": erf,
    "abs": np.abs,
}
rng = np.random.RandomState(0)
A, B = rng.uniform(0.3, 2, (3, 4)), rng.uniform(0.3, 2, (3, 4))
ROW, COLUMN, M = rng.uniform(0.3, 2, 4), rng.uniform(0.3, 2, (3, 1)), rng.standard_normal((4, 2))

#: Expressions of two operands, which work on plain arrays, too.
EXPRESSIONS = {
    "a + b": (lambda a, b: a + b, A, B),
    "a - row": (lambda a, b: a - b, A, ROW),
    "a * column": (lambda a, b: a * b, A, COLUMN),
    "row / column": (lambda a, b: a / b, ROW, COLUMN),
    "a ** b": (lambda a, b: a**b, A, B),
    "a ** 3": (lambda a, b: a**3 + 0 * b, A, B),
    "-a": (lambda a, b: -a * b, A, B),
    "numbers on the left": (lambda a, b: 2 + (3 - a) * (1 / b) + 2.0**a + 4 * b, A, B),
    "arrays on the left": (lambda a, b: B + (B - a) * (B / b) + B**a + B * b, A, B),
    "matrix @ matrix": (lambda a, b: a @ b, A, M),
    "vector @ matrix": (lambda a, b: a @ b, ROW, M),
    "matrix @ vector": (lambda a, b: a @ b, A, ROW),
    "vector @ vector": (lambda a, b: a @ b, ROW, ROW[::-1].copy()),
    "array @ b": (lambda a, b: (A @ b) * a[0, 0], A, M),
    "a.T": (lambda a, b: a.T @ b, A, B),
    "reshape": (lambda a, b: a.reshape(2, 6) * b.reshape(2, -1), A, B),
    "sum": (lambda a, b: a.sum() * b.sum(1) + b.sum(0, keepdims=True).sum(), A, B),
    "sum of two axes": (lambda a, b: (a * b).sum((0, 1)), A, B),
    "mean": (lambda a, b: a.mean() * b.mean(0) + b.mean(1).mean(), A, B),
    "max": (lambda a, b: a.max() * b.max(1) + b.max(0).sum(), A, B),
    "max, kept": (lambda a, b: a.max(-1, keepdims=True) * b.max(keepdims=True), A, B),
    "index": (lambda a, b: a[1] * b[:, 2:][0, 0] + a[0, 3], A, B),
    "index that repeats": (lambda a, b: a[[0, 0, 2]] * b, A, B),
    "maximum": (lambda a, b: of_two("maximum", a, b), A, B),
    "minimum": (lambda a, b: of_two("minimum", a, b), A, ROW),
    "where": (lambda a, b: autodiff.where(A > B, a, b), A, B),
    "abs": (lambda a, b: abs(a - b), A, B),
}  # fmt: skip


def of_two(name, a, b):
    return getattr(autodiff, name)(a, b)


def differences(function, at):
    """The sum's derivative by each element, from central differences."""
    gradient = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[index] = 1e-6
        gradient[index] = (np.sum(function(at + step)) - np.sum(function(at - step))) / 2e-6
    return gradient


def sum_of(expression):
    def total(a, b):
        value = expression(a, b)
        return value.sum() if value.shape else value

    return total


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions_in_both_modes_beside_differences(name):
    expression, a, b = EXPRESSIONS[name]
    x, y = Variable(a), Variable(b)
    result = expression(x, y)
    np.testing.assert_allclose(result.value, expression(a, b), rtol=1e-14)
    result.backward(np.ones(result.shape))
    by_a = differences(lambda t: expression(t, b), a)
    by_b = differences(lambda t: expression(a, t), b)
    np.testing.assert_allclose(x.grad, by_a, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(y.grad, by_b, rtol=1e-7, atol=1e-8)
    # Forward mode in one direction is the reverse one's gradient times that direction.
    da, db = rng.standard_normal(a.shape), rng.standard_normal(b.shape)
    forward = expression(Dual(a, da), Dual(b, db))
    np.testing.assert_allclose(forward.value, result.value, rtol=1e-14)
    assert forward.derivative.sum() == pytest.approx((x.grad * da).sum() + (y.grad * db).sum())


def test_every_function_is_tested():
    of_two = {"maximum", "minimum", "where"}
    assert set(autodiff.__all__) == {"Dual", "Variable"} | of_two | set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_in_both_modes_beside_differences(name):
    function, at = getattr(autodiff, name), A - 1 if name in ("sin", "abs", "erf", "tanh") else A
    np.testing.assert_allclose(function(at), FUNCTIONS[name](at), rtol=1e-14)
    assert float(function(0.5)) == pytest.approx(float(FUNCTIONS[name](0.5)), rel=1e-14)
    x = Variable(at)
    result = function(x)
    np.testing.assert_allclose(result.value, FUNCTIONS[name](at), rtol=1e-14)
    result.sum().backward()
    slope = (FUNCTIONS[name](at + 1e-6) - FUNCTIONS[name](at - 1e-6)) / 2e-6
    np.testing.assert_allclose(x.grad, slope, rtol=1e-8)
    np.testing.assert_allclose(function(Dual(at, 2.0)).derivative, 2 * x.grad, rtol=1e-14)


def test_the_toy_of_the_lecture():
    a, b = Variable([1, 2]), Variable([3, 4])
    d = a * b + 1
    d.backward([1, 1])
    np.testing.assert_array_equal(d.value, [4, 9])
    np.testing.assert_array_equal(a.grad, [3, 4])
    np.testing.assert_array_equal(b.grad, [1, 2])


def test_gradients_add_up_where_a_variable_appears_twice():
    a = Variable([1.0, 2.0])
    (a * a).sum().backward()
    np.testing.assert_array_equal(a.grad, [2, 4])
    b = a * 3  # by two ways
    (b * a + b).sum().backward()
    np.testing.assert_array_equal(a.grad, 6 * a.value + 3)


def test_a_second_call_begins_anew():
    a = Variable(2.0)
    loss = a**2
    for _ in range(2):
        loss.backward()
        assert a.grad == 4
    assert (a**3).grad is None


def test_at_kinks():
    x = Variable([-1.0, 0.0, 1.0])
    for result, expected in (
        (autodiff.maximum(x, 0), [0, 0, 1]),
        (autodiff.minimum(x, 0), [1, 0, 0]),
        (abs(x), [-1, 0, 1]),
        (x**0, [0, 0, 0]),
        (x**1, [1, 1, 1]),
    ):
        result.sum().backward()
        np.testing.assert_array_equal(x.grad, expected)
    equal = Variable([[2.0, 2.0], [1.0, 3.0]])
    equal.max(1).sum().backward()
    np.testing.assert_array_equal(equal.grad, [[1, 0], [0, 1]])


def test_the_graph_goes_from_operands_to_results():
    a, b = Variable([1.0, 2.0]), Variable(3.0)
    result = autodiff.sin(a * b + a).sum()
    nodes = result.graph()
    assert [node.operation for node in nodes] == ["input", "input", "multiply", "add", "sin", "sum"]
    for number, node in enumerate(nodes):
        assert all(use.operand in nodes[:number] for use in node.uses)
    assert nodes[-1] is result


def test_deep_graphs_and_nothing_kept_of_them():
    x = Variable(1.0)
    result = x
    for _ in range(20_000):
        result = result * 1.0001
    result.backward()
    assert x.grad == pytest.approx(1.0001**20_000, rel=1e-9)
    gone = weakref.ref(x * 2)
    gc.collect()
    assert gone() is None


def test_values_are_copies_and_float64():
    mine = np.array([1, 2])
    x = Variable(mine)
    mine[0] = 7
    np.testing.assert_array_equal(x.value, [1, 2])
    assert x.value.dtype == Dual(mine).value.dtype == np.float64
    assert repr(x) == "Variable([1.0, 2.0])" and len(x) == 2 and x.shape == (2,)


def test_what_is_not_differentiable_is_refused():
    x = Variable([1.0, 2.0])
    with pytest.raises(ValueError, match=r"shape \(2,\) has no single gradient: .* sum\(\)"):
        x.backward()
    with pytest.raises(ValueError, match=r"cotangent has the shape \(3,\), the value \(2,\)"):
        x.backward([1, 2, 3])
    with pytest.raises(TypeError, match="Variable and a Dual do not go together"):
        x + Dual(1.0)
    with pytest.raises(TypeError, match="Expected real numbers, got complex128"):
        Variable(1j)
    with pytest.raises(TypeError, match="Expected real numbers, got <U1"):
        x * "a"
    with pytest.raises(TypeError, match="got a Variable: take its value"):
        Dual(x)
    with pytest.raises(ValueError, match=r"derivative has the shape \(3,\), the value \(2,\)"):
        Dual([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match=r"@ is for vectors and matrices, got the shapes \(\)"):
        Variable(1.0) @ x
    with pytest.raises(TypeError):
        np.sin(x)
    with pytest.raises(ValueError, match="broadcast"):
        x + [1, 2, 3]


def test_both_modes_of_the_lectures_function():
    def f(x, y):
        return autodiff.cos(x) * autodiff.sin(y) + x / y

    x, y = Variable(1.0), Variable(2.0)
    f(x, y).backward()
    by_x = math.sin(1) * -math.sin(2) + 1 / 2
    by_y = math.cos(1) * math.cos(2) - 1 / 4
    assert (x.grad, y.grad) == (pytest.approx(by_x), pytest.approx(by_y))
    assert f(Dual(1.0, 1.0), Dual(2.0)).derivative == pytest.approx(by_x)
    assert f(Dual(1.0), Dual(2.0, 1.0)).derivative == pytest.approx(by_y)
    assert f(1.0, 2.0) == pytest.approx(math.cos(1) * math.sin(2) + 0.5)


def test_a_variable_is_true_as_its_number_is():
    assert autodiff.Variable(2) and not autodiff.Variable(0)
    with pytest.raises(ValueError, match="ambiguous"):
        bool(autodiff.Variable([0, 0]))
