"""Paths of the optimisers that networks are trained by, on functions that can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from skarma import _native
from skarma.demos._plotting import Demonstration
from skarma.demos.functions import FUNCTIONS, Array, Function

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Reason = Literal["converged", "max_steps", "diverged"]
#: A path has diverged where the function is so many times what it was at the start.
FAR = 1e10
#: Names of rules beside those of `solver`.
MOMENTUM = {"momentum": False, "nesterov": True}


@dataclass(frozen=True, eq=False)
class Rule:
    """An update rule with its settings.

    Parameters
    ----------
    solver : str
        As networks' `solver`: "sgd" (momentum, Nesterov's unless told otherwise), "adam",
        "rmsprop", "adamw", "adagrad", "adadelta", "amsgrad", "nadam", "lion", "rprop", "gd", or
        "lbfgs".
    learning_rate : float, default=0.1
        The rate; lbfgs has none.
    name : str, default=None
        What a picture calls it; None: the solver.
    momentum, nesterovs_momentum, beta_1, beta_2, epsilon, weight_decay
        As networks have them, but for the weight decay, of which there is none.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.Rule("sgd", 0.05, "momentum", nesterovs_momentum=False).label
    'momentum'
    """

    solver: str
    learning_rate: float = 0.1
    name: str | None = None
    momentum: float = 0.9
    nesterovs_momentum: bool = True
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        known = [*_native.update_rule_names(), "lbfgs"]
        if self.solver not in known:
            raise ValueError(f"There is no rule {self.solver!r}: there are {', '.join(known)}.")
        if not 0 < self.learning_rate < np.inf:
            raise ValueError(f"The learning rate must be above 0, got {self.learning_rate!r}.")

    @property
    def label(self) -> str:
        """What a picture calls it."""
        return self.solver if self.name is None else self.name

    def steps(self, n: int) -> _native.RuleSteps:
        """Start taking steps of n numbers."""
        return _native.RuleSteps(
            self.solver,
            n,
            momentum=self.momentum,
            nesterovs_momentum=self.nesterovs_momentum,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
            weight_decay=self.weight_decay,
        )


@dataclass(frozen=True, eq=False)
class OptimizerPath:
    """Where a rule went.

    Attributes
    ----------
    rule : Rule
        The rule.
    points : ndarray of shape (n_steps + 1, n)
        The start, and where each step led to.
    values : ndarray of shape (n_steps + 1,)
        The function there.
    reason : {"converged", "max_steps", "diverged"}
        Why it ended: a step changed the function by less than epsilon, or lbfgs found no further
        one; there were enough steps; or the function is no number, or beyond all bounds.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.optimizer_paths("saddle", ["gd"], max_steps=5).paths[0].reason
    'max_steps'
    """

    rule: Rule
    points: Array
    values: Array
    reason: Reason

    @property
    def n_steps(self) -> int:
        """How many steps there were."""
        return len(self.values) - 1


@dataclass(frozen=True, eq=False)
class OptimizerPaths(Demonstration):
    """Where several rules went on one function.

    ``plot()`` draws the paths over lines of equal height, for functions of two numbers.

    Attributes
    ----------
    function : Function
        The function.
    paths : tuple of OptimizerPath
        A path for each rule, in their order.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.optimizer_paths("saddle", ["gd", "lbfgs"])["lbfgs"].points[-1].round(3)
    array([0., 1.])
    """

    function: Function
    paths: tuple[OptimizerPath, ...]

    def __getitem__(self, label: str) -> OptimizerPath:
        for path in self.paths:
            if path.rule.label == label:
                return path
        known = ", ".join(path.rule.label for path in self.paths)
        raise KeyError(f"{label!r}: there are paths of {known}.")

    def _draw(self, ax: Axes) -> None:
        if self.paths[0].points.shape[1] != 2:
            raise ValueError("Only paths in two dimensions can be drawn.")
        (left, right), (low, high) = self.function.window or self._window()
        self._draw_heights(ax, np.linspace(left, right, 121), np.linspace(low, high, 121))
        for number, path in enumerate(self.paths):
            style = ("-", "--", ":")[number // 8 % 3]
            marker = "o" if path.n_steps <= 60 else ""
            ax.plot(*path.points.T, style, marker=marker, markersize=2.5, label=path.rule.label)
        ax.plot(*self.paths[0].points[0], "o", color="black", zorder=5)
        for minimum in self.function.minima:
            ax.plot(*minimum, "*", color="black", markersize=9, zorder=5)
        ax.set(xlim=(left, right), ylim=(low, high), xlabel="$x_1$", ylabel="$x_2$")
        ax.set_title(self.function.name)
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))

    def _window(self) -> tuple[tuple[float, float], tuple[float, float]]:
        points = np.concatenate([path.points for path in self.paths])
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.1 * np.maximum(high - low, 1e-3)
        (left, bottom), (right, top) = low - margin, high + margin
        return (float(left), float(right)), (float(bottom), float(top))

    def _draw_heights(self, ax: Axes, x: Array, y: Array) -> None:
        """Levels are even in the logarithm of the height, so that a valley's floor shows."""
        grid = np.stack(np.meshgrid(x, y), axis=-1)
        heights = np.apply_along_axis(lambda point: float(self.function.value(point)), -1, grid)
        heights -= heights.min()
        levels = np.geomspace(max(heights.max() * 1e-4, 1e-12), heights.max(), 14)
        ax.contour(x, y, heights, levels, colors="#bbbbbb", linewidths=0.7, zorder=0)


def optimizer_paths(
    function: Function | str,
    rules: Sequence[Rule | str],
    start: ArrayLike | None = None,
    *,
    learning_rate: float = 0.1,
    max_steps: int = 100,
    epsilon: float = 0.0,
) -> OptimizerPaths:
    """Let update rules go down a function from one point, as they train networks.

    Steps are taken by the code that trains networks; only the gradient is the function's.

    Parameters
    ----------
    function : Function or str
        It, or its name in `demos.FUNCTIONS`: "quadratic", "ill_conditioned", "log_valley",
        "rosenbrock", "saddle".
    rules : sequence of Rule or str
        Names are those of `Rule`, and "momentum" and "nesterov", both of them sgd.
    start : array-like of shape (n,), default=None
        Where all start; None: the function's own start.
    learning_rate : float, default=0.1
        Of rules that are given by their names.
    max_steps : int, default=100
        No path has more steps (of lbfgs iterations).
    epsilon : float, default=0
        A path ends with a step that changes the function by less than this.

    Returns
    -------
    paths : OptimizerPaths
        A path for each rule.

    Raises
    ------
    ValueError
        For a name that is not known, or a start that is not of finite numbers.

    Examples
    --------
    >>> from skarma import demos
    >>> paths = demos.optimizer_paths("quadratic", ["gd", "adam"], max_steps=2)
    >>> paths["gd"].points.round(2)
    array([[1.  , 1.  ],
           [0.9 , 0.8 ],
           [0.81, 0.64]])
    """
    known = _function(function)
    point = _start(known, start)
    if not rules or isinstance(rules, str):
        raise ValueError(f"rules must be a list of one rule or more. Got {rules!r} instead.")
    if isinstance(max_steps, bool) or max_steps < 1:
        raise ValueError(f"max_steps must be at least 1. Got {max_steps!r} instead.")
    if not epsilon >= 0:
        raise ValueError(f"epsilon must not be negative. Got {epsilon!r} instead.")
    made = [_rule(rule, learning_rate) for rule in rules]
    paths = tuple(_path(known, rule, point, max_steps, epsilon) for rule in made)
    return OptimizerPaths(known, paths)


def _function(function: Function | str) -> Function:
    if isinstance(function, Function):
        return function
    if function not in FUNCTIONS:
        raise ValueError(f"There is no function {function!r}: there are {', '.join(FUNCTIONS)}.")
    return FUNCTIONS[function]


def _start(function: Function, start: ArrayLike | None) -> Array:
    if start is None and function.start is None:
        raise ValueError(f"The function {function.name!r} has no start of its own: give one.")
    point = np.array(function.start if start is None else start, dtype=np.float64)
    if point.ndim != 1 or point.size == 0 or not np.isfinite(point).all():
        raise ValueError(f"The start must be a list of finite numbers. Got {start!r} instead.")
    return point


def _rule(rule: Rule | str, learning_rate: float) -> Rule:
    if isinstance(rule, Rule):
        return rule
    if rule in MOMENTUM:
        return Rule("sgd", learning_rate, rule, nesterovs_momentum=MOMENTUM[rule])
    return Rule(rule, learning_rate)


class _Recorder:
    """Notes points until the stop rule says why to end."""

    def __init__(self, function: Function, start: Array, max_steps: int, epsilon: float) -> None:
        self.max_steps = max_steps
        self._epsilon = epsilon
        self._function = function
        self.points, self.values = [start], [float(function.value(start))]

    def add(self, point: Array) -> Reason | None:
        value = float(self._function.value(point))
        self.points.append(point)
        self.values.append(value)
        if not abs(value) <= FAR * max(abs(self.values[0]), 1.0):
            return "diverged"
        if abs(value - self.values[-2]) < self._epsilon and not self._takes_breath():
            return "converged"
        return "max_steps" if len(self.values) > self.max_steps else None

    def _takes_breath(self) -> bool:
        """Whether a step went nowhere, after one that did not: as rprop's where a slope turns."""
        *_, before, last, now = [self.points[0], *self.points]
        return np.array_equal(now, last) and not np.array_equal(last, before)


def _path(
    function: Function, rule: Rule, start: Array, max_steps: int, epsilon: float
) -> OptimizerPath:
    record = _Recorder(function, start, max_steps, epsilon)
    walk = _walk_lbfgs if rule.solver == "lbfgs" else _walk
    with np.errstate(over="ignore", invalid="ignore"):
        reason = walk(function, rule, record)
    return OptimizerPath(rule, np.array(record.points), np.array(record.values), reason)


def _walk(function: Function, rule: Rule, record: _Recorder) -> Reason:
    steps = rule.steps(len(record.points[0]))
    reason = None
    while reason is None:
        point = record.points[-1]
        reason = record.add(steps.step(point, function.slope(point), rule.learning_rate))
    return reason


def _walk_lbfgs(function: Function, rule: Rule, record: _Recorder) -> Reason:
    lbfgs = _native.LbfgsSteps(record.points[0], max_iter=record.max_steps, gradient_tol=1e-12)
    while (event := lbfgs.next()) != "ended":
        if event == "evaluate":
            point = lbfgs.point
            lbfgs.tell(float(function.value(point)), function.slope(point))
        elif (reason := record.add(lbfgs.x)) is not None:
            return reason
    return "converged"
