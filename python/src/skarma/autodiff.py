"""Derivatives of what is computed by NumPy's operators, in reverse and in forward mode.

`Variable` remembers what was computed from it, so that `backward()` can go through it from the
result to the inputs, once for all of them. `Dual` carries a derivative along, so that a function of
one input needs no memory. Both have NumPy's operators, broadcasting and indexing, and go through
the same functions (`sin`, `exp`, `maximum` ...), which take plain arrays, too.

This is for reading and for checking; skarma's networks have backward passes of their own. All there
is to it: each operation says how a small change of an operand changes the result, a linear map, and
the transpose of that map. Forward mode applies the maps, reverse mode the transposes (Griewank and
Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, Self, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Dual", "Variable", "abs", "cos", "erf", "exp", "expm1", "log", "log1p", "maximum", "minimum",
    "sin", "sqrt", "tanh", "where",
]  # fmt: skip

Array: TypeAlias = NDArray[np.float64]
Map: TypeAlias = Callable[[Array], Any]
Axis: TypeAlias = int | tuple[int, ...] | None
#: What a function of one argument takes and gives back.
T = TypeVar("T", "Variable", "Dual", Array, float)


class Use(NamedTuple):
    """That a result was computed from `operand`: what becomes of a small change of it, `forward`,
    and the transpose of that linear map, `backward`.
    """

    operand: Variable | Dual
    forward: Map
    backward: Map


class _Differentiable:
    """The operators that `Variable` and `Dual` share."""

    value: Array
    __array_ufunc__ = None  # array * x is x's affair, not NumPy's
    __hash__ = object.__hash__

    def __add__(self, other: Any) -> Self:
        return cast(Self, _add(self, other))

    def __sub__(self, other: Any) -> Self:
        return cast(Self, _subtract(self, other))

    def __mul__(self, other: Any) -> Self:
        return cast(Self, _multiply(self, other))

    def __truediv__(self, other: Any) -> Self:
        return cast(Self, _divide(self, other))

    def __pow__(self, other: Any) -> Self:
        return cast(Self, _power(self, other))

    def __matmul__(self, other: Any) -> Self:
        return cast(Self, _matmul(self, other))

    def __radd__(self, other: Any) -> Self:
        return cast(Self, _add(other, self))

    def __rsub__(self, other: Any) -> Self:
        return cast(Self, _subtract(other, self))

    def __rmul__(self, other: Any) -> Self:
        return cast(Self, _multiply(other, self))

    def __rtruediv__(self, other: Any) -> Self:
        return cast(Self, _divide(other, self))

    def __rpow__(self, other: Any) -> Self:
        return cast(Self, _power(other, self))

    def __rmatmul__(self, other: Any) -> Self:
        return cast(Self, _matmul(other, self))

    def __neg__(self) -> Self:
        return self * -1.0

    def __abs__(self) -> Self:
        return cast(Self, abs(cast(Any, self)))

    def __getitem__(self, index: Any) -> Self:
        def scattered(g: Array) -> Array:
            whole = np.zeros(self.shape)
            np.add.at(whole, index, g)  # adds up where an index comes twice
            return whole

        return self._linear("index", lambda t: np.asarray(t[index]), scattered)

    def __len__(self) -> int:
        return len(self.value)

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the value."""
        return self.value.shape

    @property
    def T(self) -> Self:
        """The transpose."""
        return self._linear("transpose", np.transpose, np.transpose)

    def reshape(self, *shape: int) -> Self:
        """Give it another shape, which may have one -1."""
        return self._linear("reshape", lambda t: t.reshape(shape), lambda g: g.reshape(self.shape))

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Sum up, along an axis or all of them."""

        def spread(g: Array) -> Array:
            if axis is not None and not keepdims:
                g = np.expand_dims(g, axis)
            return np.broadcast_to(g, self.shape)

        return self._linear("sum", lambda t: cast(Any, t).sum(axis, keepdims=keepdims), spread)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Self:
        """Take the mean, along an axis or all of them."""
        total = self.sum(axis, keepdims)
        return total * (total.value.size / self.value.size)

    def max(self, axis: int | None = None, keepdims: bool = False) -> Self:
        """Take the largest, along an axis or of all; of equals the first has the derivative."""
        if axis is None:
            largest = self.reshape(-1).max(0)
            return largest.reshape(*(1,) * self.value.ndim) if keepdims else largest
        is_largest = np.zeros(self.shape, dtype=bool)
        first = np.argmax(self.value, axis=axis, keepdims=True)
        np.put_along_axis(is_largest, first, True, axis=axis)
        return cast(Self, where(is_largest, self, 0.0)).sum(axis, keepdims)

    def _linear(self, operation: str, forward: Map, backward: Map) -> Self:
        use = Use(cast(Any, self), forward, backward)
        return cast(Self, _result(operation, forward(self.value), [use]))


class Variable(_Differentiable):
    """A value that remembers what it was computed from (reverse mode).

    Parameters
    ----------
    value : array-like of numbers
        Any shape; kept as float64.

    Attributes
    ----------
    value : ndarray
        The value.
    grad : ndarray or None
        After `backward()`, the derivative by this variable, in its shape; None before, and where
        nothing depends on it.
    operation : str
        What made it; "input" if you did.
    uses : list of Use
        What it was computed from.

    Examples
    --------
    >>> from skarma import autodiff
    >>> a, b = autodiff.Variable([1, 2]), autodiff.Variable([3, 4])
    >>> d = a * b + 1
    >>> d
    Variable([4.0, 9.0])
    >>> d.backward([1, 1])
    >>> a.grad, b.grad
    (array([3., 4.]), array([1., 2.]))
    """

    def __init__(self, value: ArrayLike) -> None:
        self.value = _array(value)
        self.grad: Array | None = None
        self.operation = "input"
        self.uses: list[Use] = []

    def __repr__(self) -> str:
        return f"Variable({self.value.tolist()})"

    def __bool__(self) -> bool:
        return bool(self.value)  # of one number, as NumPy has it

    def graph(self) -> list[Variable]:
        """List all that it was computed from, itself last: operands before results.

        Returns
        -------
        nodes : list of Variable
            Each once, whose `operation`, `value` and `uses` may be looked at.
        """
        nodes: list[Variable] = []
        seen, stack = {self}, [(self, iter(self.uses))]
        while stack:  # no recursion: a graph may be deeper than Python's stack
            node, rest = stack[-1]
            use = next(rest, None)
            if use is None:
                nodes.append(node)
                stack.pop()
            elif use.operand not in seen:
                operand = cast(Variable, use.operand)
                seen.add(operand)
                stack.append((operand, iter(operand.uses)))
        return nodes

    def backward(self, cotangent: ArrayLike | None = None) -> None:
        """Put into `grad` of all that it was computed from the derivatives of this value.

        What an earlier call has put there is replaced, not added to.

        Parameters
        ----------
        cotangent : array-like of self.shape, default=None
            The weight of each element: derivatives are those of the weighted sum. None is for a
            value with a single element.

        Raises
        ------
        ValueError
            If the value is an array and there is no cotangent, or one of another shape.
        """
        if cotangent is None and self.value.size != 1:
            raise ValueError(
                f"A value of shape {self.shape} has no single gradient: take the backward() of its "
                "sum() or mean(), or give a cotangent of that shape."
            )
        weights = np.ones(self.shape) if cotangent is None else _array(cotangent)
        if weights.shape != self.shape:
            raise ValueError(
                f"The cotangent has the shape {weights.shape}, the value {self.shape}."
            )
        nodes = self.graph()
        for node in nodes:
            node.grad = None
        self.grad = weights
        for node in reversed(nodes):
            assert node.grad is not None  # all that use it came before
            for use in node.uses:
                part, operand = use.backward(node.grad), cast(Variable, use.operand)
                operand.grad = part if operand.grad is None else operand.grad + part


class Dual(_Differentiable):
    """A value with the derivative of it (forward mode): a dual number, element by element.

    Parameters
    ----------
    value : array-like of numbers
        Any shape; kept as float64.
    derivative : array-like, default=0
        The value's derivative in the direction that is asked for: 1 for the input by which the
        derivative is taken, 0 for others. Broadcast to the shape of the value.

    Attributes
    ----------
    value, derivative : ndarray
        Of the same shape.

    Examples
    --------
    >>> from skarma import autodiff
    >>> x = autodiff.Dual(3.0, 1.0)
    >>> x * x + 2 * x
    Dual(15.0, 8.0)
    """

    def __init__(self, value: ArrayLike, derivative: ArrayLike = 0.0) -> None:
        self.value = _array(value)
        try:
            self.derivative: Array = np.broadcast_to(_array(derivative), self.shape)
        except ValueError:
            raise ValueError(
                f"The derivative has the shape {np.shape(derivative)}, the value {self.shape}."
            ) from None

    def __repr__(self) -> str:
        return f"Dual({self.value.tolist()}, {self.derivative.tolist()})"


# ---- how operations are made


def _array(value: ArrayLike) -> Array:
    """A copy, so that what is remembered stays."""
    if isinstance(value, _Differentiable):
        raise TypeError(f"Expected numbers, got a {type(value).__name__}: take its value.")
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"Expected real numbers, got {array.dtype}.")
    return array.astype(np.float64)


def _value_of(operand: Any) -> Array:
    return operand.value if isinstance(operand, _Differentiable) else _array(operand)


def _result(operation: str, value: Any, uses: list[Use]) -> Variable | Dual | Array:
    """The value with what it hangs on: of the kind of its operands."""
    value = np.asarray(value)
    if not uses:
        return cast(Array, value)
    kinds = {type(use.operand) for use in uses}
    if len(kinds) > 1:
        raise TypeError("A Variable and a Dual do not go together: take one mode.")
    if kinds == {Dual}:
        changes = [use.forward(cast(Dual, use.operand).derivative) for use in uses]
        total = sum(changes[1:], start=changes[0])
        return Dual(value, np.broadcast_to(total, value.shape))
    made = Variable(value)
    made.operation, made.uses = operation, uses
    return made


def _unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """The transpose of broadcasting from this shape: sums over what was repeated."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    repeated = tuple(i for i, n in enumerate(shape) if n == 1)
    return g.sum(axis=repeated, keepdims=True)


def _elementwise(
    operation: str, function: Callable[..., Any], operands: tuple[Any, ...], *slopes: Any
) -> Any:
    """function(*operands), of which each slope is the derivative by one operand."""
    values = [_value_of(operand) for operand in operands]

    def use(operand: Variable | Dual, slope: Array) -> Use:
        shape = operand.shape
        return Use(operand, lambda t: slope * t, lambda g: _unbroadcast(slope * g, shape))

    uses = [
        use(cast(Any, operand), np.asarray(slope(*values), dtype=np.float64))
        for operand, slope in zip(operands, slopes, strict=True)
        if isinstance(operand, _Differentiable)
    ]
    return _result(operation, function(*values), uses)


def _add(a: Any, b: Any) -> Any:
    return _elementwise("add", np.add, (a, b), lambda a, b: 1.0, lambda a, b: 1.0)


def _subtract(a: Any, b: Any) -> Any:
    return _elementwise("subtract", np.subtract, (a, b), lambda a, b: 1.0, lambda a, b: -1.0)


def _multiply(a: Any, b: Any) -> Any:
    return _elementwise("multiply", np.multiply, (a, b), lambda a, b: b, lambda a, b: a)


def _divide(a: Any, b: Any) -> Any:
    return _elementwise("divide", np.divide, (a, b), lambda a, b: 1 / b, lambda a, b: -a / b**2)


def _power(a: Any, b: Any) -> Any:
    def by_base(a: Array, b: Array) -> Array:
        return np.where(b == 0, 0.0, b * a ** np.where(b == 0, 1.0, b - 1))

    return _elementwise("power", np.power, (a, b), by_base, lambda a, b: a**b * np.log(a))


def _matmul(a: Any, b: Any) -> Variable | Dual | Array:
    x, y = _value_of(a), _value_of(b)
    if not (x.ndim in (1, 2) and y.ndim in (1, 2)):
        raise ValueError(f"@ is for vectors and matrices, got the shapes {x.shape} and {y.shape}.")
    left, right = np.atleast_2d(x), y.reshape(len(y), -1)  # a vector is a row, or a column

    def rows(g: Array) -> Array:
        return g.reshape(len(left), right.shape[1])

    uses = []
    if isinstance(a, _Differentiable):
        uses.append(
            Use(cast(Any, a), lambda t: t @ y, lambda g: (rows(g) @ right.T).reshape(x.shape))
        )
    if isinstance(b, _Differentiable):
        uses.append(
            Use(cast(Any, b), lambda t: x @ t, lambda g: (left.T @ rows(g)).reshape(y.shape))
        )
    return _result("matmul", x @ y, uses)


# ---- functions, of a Variable, a Dual, an array or a number


def _unary(name: str, function: Callable[..., Any], x: T, slope: Callable[..., Any]) -> T:
    return cast(T, _elementwise(name, function, (x,), slope))


def sin(x: T) -> T:
    """Compute the sine.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.sin(autodiff.Dual(0.0, 1.0))
    Dual(0.0, 1.0)
    """
    return _unary("sin", np.sin, x, np.cos)


def cos(x: T) -> T:
    """Compute the cosine.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.cos(autodiff.Dual(0.0, 1.0))
    Dual(1.0, -0.0)
    """
    return _unary("cos", np.cos, x, lambda x: -np.sin(x))


def exp(x: T) -> T:
    """Compute the exponential function.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.exp(autodiff.Dual(0.0, 3.0))
    Dual(1.0, 3.0)
    """
    return _unary("exp", np.exp, x, np.exp)


def expm1(x: T) -> T:
    """Compute exp(x) - 1, with all digits near 0.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.expm1(autodiff.Dual(1e-20, 1.0))
    Dual(1e-20, 1.0)
    """
    return _unary("expm1", np.expm1, x, np.exp)


def log(x: T) -> T:
    """Compute the natural logarithm.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.log(autodiff.Dual(2.0, 1.0))
    Dual(0.6931471805599453, 0.5)
    """
    return _unary("log", np.log, x, lambda x: 1 / x)


def log1p(x: T) -> T:
    """Compute log(1 + x), with all digits near 0.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.log1p(autodiff.Dual(1e-20, 1.0))
    Dual(1e-20, 1.0)
    """
    return _unary("log1p", np.log1p, x, lambda x: 1 / (1 + x))


def tanh(x: T) -> T:
    """Compute the hyperbolic tangent.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.tanh(autodiff.Dual(0.0, 1.0))
    Dual(0.0, 1.0)
    """
    return _unary("tanh", np.tanh, x, lambda x: 1 - np.tanh(x) ** 2)


def sqrt(x: T) -> T:
    """Compute the square root.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.sqrt(autodiff.Dual(4.0, 1.0))
    Dual(2.0, 0.25)
    """
    return _unary("sqrt", np.sqrt, x, lambda x: 0.5 / np.sqrt(x))


def erf(x: T) -> T:
    """Compute the error function: the normal distribution's share below x is (1 + erf(x / sqrt(2)))
    / 2.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.erf(autodiff.Dual(0.0, 1.0))
    Dual(0.0, 1.1283791670955126)
    """
    values = np.vectorize(math.erf, otypes=[np.float64])
    return _unary("erf", values, x, lambda x: 2 / math.sqrt(math.pi) * np.exp(-(x**2)))


def abs(x: T) -> T:
    """Compute the absolute value, whose derivative at 0 is 0.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.abs(autodiff.Dual([-2.0, 0.0], 1.0))
    Dual([2.0, 0.0], [-1.0, 0.0])
    """
    return _unary("abs", np.abs, x, np.sign)


def maximum(a: Any, b: Any) -> Any:
    """Take the larger of two, element by element; of equals the derivative is b's.

    So that relu, ``maximum(x, 0)``, has the derivative 0 at 0.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.maximum(autodiff.Dual([-1.0, 0.0, 2.0], 1.0), 0.0)
    Dual([0.0, 0.0, 2.0], [0.0, 0.0, 1.0])
    """
    return _elementwise("maximum", np.maximum, (a, b), lambda a, b: a > b, lambda a, b: a <= b)


def minimum(a: Any, b: Any) -> Any:
    """Take the smaller of two, element by element; of equals the derivative is b's.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.minimum(autodiff.Dual([-1.0, 2.0], 1.0), 0.0)
    Dual([-1.0, 0.0], [1.0, 0.0])
    """
    return _elementwise("minimum", np.minimum, (a, b), lambda a, b: a < b, lambda a, b: a >= b)


def where(condition: ArrayLike, a: Any, b: Any) -> Any:
    """Take a where the condition holds and b elsewhere. The condition is of plain values.

    Examples
    --------
    >>> from skarma import autodiff
    >>> autodiff.where([True, False], autodiff.Dual([1.0, 2.0], 1.0), 0.0)
    Dual([1.0, 0.0], [1.0, 0.0])
    """
    chosen = np.asarray(condition, dtype=bool)
    return _elementwise("where", lambda a, b: np.where(chosen, a, b), (a, b), lambda a, b: chosen,
                        lambda a, b: ~chosen)  # fmt: skip
