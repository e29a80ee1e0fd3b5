"""Functions that optimisers are shown on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skarma import autodiff

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Function:
    """A function of a vector with its gradient.

    Parameters
    ----------
    name : str
        What a picture calls it.
    value : callable
        Takes a vector, an ndarray or an `autodiff.Variable`, and gives a number.
    gradient : callable, default=None
        Takes an ndarray of shape (n,) and gives one; None: `skarma.autodiff` takes it of `value`.
    start : tuple of float, default=None
        Where paths start unless another point is given.
    minima : tuple of tuples of float, default=()
        Where it is least, to be marked in a picture.
    window : tuple of two pairs of float, default=None
        What a picture shows of both axes; None: where the paths are.

    Examples
    --------
    >>> from skarma import demos
    >>> bowl = demos.Function("bowl", lambda x: (x * x).sum())
    >>> bowl.slope([1.0, 2.0])
    array([2., 4.])
    """

    name: str
    value: Callable[[Any], Any]
    gradient: Callable[[Array], Array] | None = None
    start: tuple[float, ...] | None = None
    minima: tuple[tuple[float, ...], ...] = ()
    window: tuple[tuple[float, float], tuple[float, float]] | None = None

    def slope(self, x: ArrayLike) -> Array:
        """Take the gradient at a point of shape (n,)."""
        point = np.asarray(x, dtype=np.float64)
        if self.gradient is not None:
            return np.asarray(self.gradient(point), dtype=np.float64)
        variable = autodiff.Variable(point)
        result = self.value(variable)
        if not isinstance(result, autodiff.Variable):
            raise TypeError(
                f"The value of {self.name!r} does not go through skarma.autodiff: give a gradient."
            )
        result.backward()
        return np.zeros(point.shape) if variable.grad is None else variable.grad


def quadratic(hessian: ArrayLike, name: str = "quadratic") -> Function:
    """Make x'Hx / 2, whose gradient is Hx.

    Parameters
    ----------
    hessian : array-like of shape (n, n)
        H, symmetric.
    name : str, default="quadratic"
        What a picture calls it.

    Returns
    -------
    function : Function
        It, with (1, ..., 1) as its start.

    Raises
    ------
    ValueError
        If the matrix is not symmetric.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.quadratic([[1, 0], [0, 2]]).slope([1.0, 1.0])
    array([1., 2.])
    """
    h = np.asarray(hessian, dtype=np.float64)
    if h.ndim != 2 or not np.array_equal(h, h.T):
        raise ValueError(f"The matrix must be symmetric, got {h.tolist()}.")
    n = len(h)
    return Function(
        name,
        lambda x: (x @ h @ x) / 2,
        lambda x: np.asarray(h @ x),
        start=(1.0,) * n,
        minima=((0.0,) * n,),
        window=((-1.3, 1.3), (-1.1, 1.1)) if n == 2 else None,
    )


def _log_valley(x: Any) -> Any:
    return autodiff.log(1 + 0.01 * x[0] ** 2 + x[1] ** 2)


def _log_valley_slope(x: Array) -> Array:
    inside = 1 + 0.01 * x[0] ** 2 + x[1] ** 2
    return np.array([0.02 * x[0] / inside, 2 * x[1] / inside])


def _rosenbrock(x: Any) -> Any:
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def _rosenbrock_slope(x: Array) -> Array:
    off = x[1] - x[0] ** 2
    return np.array([-2 * (1 - x[0]) - 400 * x[0] * off, 200 * off])


#: By their names: two quadratics, of eigenvalues 1 and 2, and 1 and 100; a valley that is badly
#: conditioned and not convex; Rosenbrock's (Computer Journal 3, 1960); a saddle between two minima.
FUNCTIONS = {
    "quadratic": quadratic([[1, 0], [0, 2]]),
    "ill_conditioned": quadratic([[1, 0], [0, 100]], "ill conditioned quadratic"),
    "log_valley": Function(
        "log valley",
        _log_valley,
        _log_valley_slope,
        start=(3.0, 3.0),
        minima=((0.0, 0.0),),
        window=((-1.0, 3.4), (-3.4, 3.4)),
    ),
    "rosenbrock": Function(
        "Rosenbrock",
        _rosenbrock,
        _rosenbrock_slope,
        start=(-1.2, 1.0),
        minima=((1.0, 1.0),),
        window=((-1.7, 1.6), (-0.6, 1.7)),
    ),
    "saddle": Function(
        "saddle",
        lambda x: x[0] ** 2 / 2 - x[1] ** 2 / 2 + x[1] ** 4 / 4,
        lambda x: np.array([x[0], x[1] ** 3 - x[1]]),
        start=(1.0, 1e-3),
        minima=((0.0, 1.0), (0.0, -1.0)),
        window=((-1.2, 1.2), (-1.5, 1.5)),
    ),
}
