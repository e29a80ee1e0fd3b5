"""Linear models by descent: a line, and ridge regression beside its closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from skarma.demos._plotting import Demonstration, colour
from skarma.demos.functions import Array, Function
from skarma.demos.optimizers import OptimizerPath, Rule, optimizer_paths

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class LineFit(Demonstration):
    """A line that was fitted step by step.

    ``plot()`` draws the points, and the line after 0, 1, 2, 4, 8 ... steps and at the end.

    Attributes
    ----------
    x, y : ndarray of shape (n_samples,)
        The points.
    path : OptimizerPath
        Slope and intercept, the columns of its points, and mean squared errors.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.line_fit([0, 1], [1, 3], max_steps=7).path.n_steps
    7
    """

    x: Array
    y: Array
    path: OptimizerPath

    def _draw(self, ax: Axes) -> None:
        import matplotlib

        ax.plot(self.x, self.y, "o", color=colour(6), markersize=3, alpha=0.6)
        last = self.path.n_steps
        shown = [0, *(2**i for i in range(last.bit_length()) if 2**i < last), last]
        ends = np.array([self.x.min(), self.x.max()])
        shades = matplotlib.colormaps["viridis_r"](np.linspace(0.1, 1, len(shown)))
        for step, shade in zip(shown, shades, strict=True):
            slope, intercept = self.path.points[step]
            label = f"step {step}" if step in (shown[0], shown[len(shown) // 2], last) else None
            ax.plot(ends, slope * ends + intercept, color=shade, label=label)
        ax.set(xlabel="x", ylabel="y")
        ax.legend()


def line_fit(
    x: ArrayLike,
    y: ArrayLike,
    rule: Rule | str = "gd",
    *,
    start: ArrayLike = (0.0, 0.0),
    learning_rate: float = 0.5,
    max_steps: int = 201,
) -> LineFit:
    """Fit y = slope x + intercept by steps on the mean squared error.

    Parameters
    ----------
    x, y : array-like of shape (n_samples,)
        The points.
    rule : Rule or str, default="gd"
        What takes the steps, as in `optimizer_paths`.
    start : array-like of shape (2,), default=(0, 0)
        Slope and intercept at first.
    learning_rate : float, default=0.5
        Of a rule that is given by its name.
    max_steps : int, default=201
        How many steps.

    Returns
    -------
    fit : LineFit
        Points and path.

    Examples
    --------
    >>> from skarma import demos
    >>> fit = demos.line_fit([0, 1, 2], [1, 3, 5], learning_rate=0.2)
    >>> fit.path.points[-1].round(6)
    array([2., 1.])
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if xs.ndim != 1 or xs.shape != ys.shape or xs.size == 0:
        raise ValueError(f"x and y must be lists of one length, got {xs.shape} and {ys.shape}.")

    def slope(w: Array) -> Array:
        residual = w[0] * xs + w[1] - ys
        return 2 * np.array([(residual * xs).mean(), residual.mean()])

    error = Function("mean squared error", lambda w: ((w[0] * xs + w[1] - ys) ** 2).mean(), slope)
    paths = optimizer_paths(error, [rule], start, learning_rate=learning_rate, max_steps=max_steps)
    return LineFit(xs, ys, paths.paths[0])


@dataclass(frozen=True, eq=False)
class RidgeFit(Demonstration):
    """Ridge regression in closed form and by descent.

    ``plot()`` draws the weights over the steps, and as dashes those of the closed form.

    Attributes
    ----------
    objective : Function
        ``|Xw - y|^2 / (2 n) + penalty |w|^2``.
    closed_form : ndarray of shape (n_features,)
        Its minimum, (X'X + 2 n penalty I)^-1 X'y.
    path : OptimizerPath
        The way down.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.ridge_fit([[1.0], [2.0]], [1.0, 2.0]).path.points[-1].round(4)
    array([0.9259])
    """

    objective: Function
    closed_form: Array
    path: OptimizerPath

    def _draw(self, ax: Axes) -> None:
        for number, weight in enumerate(self.closed_form):
            ax.plot(
                self.path.points[:, number], color=colour(number), label=f"$w_{{{number + 1}}}$"
            )
            ax.axhline(weight, color=colour(number), linestyle="--", linewidth=0.8)
        ax.set(xlabel="step", ylabel="weight (dashed: closed form)")
        ax.set_title("ridge regression by descent")
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))


def ridge_fit(
    X: ArrayLike,
    y: ArrayLike,
    penalty: float = 0.1,
    *,
    rule: Rule | str = "gd",
    learning_rate: float = 0.3,
    max_steps: int = 500,
) -> RidgeFit:
    """Minimise ``|Xw - y|^2 / (2 n) + penalty |w|^2`` by descent from 0, and in closed form.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The samples; there is no intercept.
    y : array-like of shape (n_samples,)
        Their targets.
    penalty : float, default=0.1
        Of the squared norm of w.
    rule : Rule or str, default="gd"
        What takes the steps, as in `optimizer_paths`.
    learning_rate : float, default=0.3
        Of a rule that is given by its name.
    max_steps : int, default=500
        How many steps.

    Returns
    -------
    fit : RidgeFit
        Both.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.ridge_fit([[1.0], [2.0]], [1.0, 2.0], penalty=0.25).closed_form
    array([0.83333333])
    """
    samples, targets = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if samples.ndim != 2 or targets.shape != samples.shape[:1] or samples.size == 0:
        raise ValueError(
            "X must be a matrix and y have a number for each of its rows, got the shapes "
            f"{samples.shape} and {targets.shape}."
        )
    n, n_features = samples.shape

    def value(w: Array) -> float:
        residual = samples @ w - targets
        return float(residual @ residual / (2 * n) + penalty * (w @ w))

    def slope(w: Array) -> Array:
        return np.asarray(samples.T @ (samples @ w - targets) / n + 2 * penalty * w)

    objective = Function("ridge regression", value, slope)
    normal = samples.T @ samples + 2 * n * penalty * np.eye(n_features)
    paths = optimizer_paths(
        objective, [rule], np.zeros(n_features), learning_rate=learning_rate, max_steps=max_steps
    )
    return RidgeFit(objective, np.linalg.solve(normal, samples.T @ targets), paths.paths[0])
