"""Rosenblatt's perceptron, and the function that no perceptron computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skarma import MLPClassifier
from skarma.demos._plotting import Demonstration, colour
from skarma.demos.functions import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The four points of a truth table, and what is exclusive of them.
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0, 1, 1, 0])


@dataclass(frozen=True, eq=False)
class PerceptronFit(Demonstration):
    """What a perceptron learnt, mistake by mistake.

    ``plot()`` draws two-dimensional samples and the line between the classes, earlier ones paler.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features)
        The samples.
    y : ndarray of shape (n_samples,)
        Labels, 0 and 1.
    weights : ndarray of shape (n_updates + 1, n_features + 1)
        Weights and, last, the bias: at first 0, then after each mistake.
    n_mistakes : ndarray of shape (n_epochs,)
        How many each pass through the samples made.
    converged : bool
        Whether the last pass made none.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.perceptron(demos.CORNERS, demos.XOR).converged
    False
    """

    X: Array
    y: NDArray[np.int64]
    weights: Array
    n_mistakes: NDArray[np.int64]
    converged: bool

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Predict labels of samples of shape (n_samples, n_features)."""
        scores = np.asarray(X, dtype=np.float64) @ self.weights[-1, :-1] + self.weights[-1, -1]
        return np.asarray(scores > 0, dtype=np.int64)

    def _draw(self, ax: Axes) -> None:
        if self.X.shape[1] != 2:
            raise ValueError("Only samples of two features can be drawn.")
        low, high = self.X.min(axis=0), self.X.max(axis=0)
        margin = 0.15 * (high - low)
        (left, bottom), (right, top) = low - margin, high + margin
        lines = [w for w in self.weights if np.any(w[:2] != 0)][-6:]
        for age, (a, b, c) in enumerate(reversed(lines)):
            norm = np.hypot(a, b)
            foot = -c / norm**2 * np.array([a, b])
            along = 10 * np.hypot(right - left, top - bottom) * np.array([-b, a]) / norm
            ends = np.array([foot - along, foot + along])
            ax.plot(*ends.T, color="black", alpha=0.6**age, linewidth=1.8 if age == 0 else 1)
        _draw_labelled(ax, self.X, self.y)
        ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="$x_1$", ylabel="$x_2$")
        verdict = "separates the classes" if self.converged else "has not come to an end"
        ax.set_title(f"perceptron after {len(self.weights) - 1} mistakes: {verdict}")
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))


def perceptron(X: ArrayLike, y: ArrayLike, max_epochs: int = 100) -> PerceptronFit:
    """Learn by Rosenblatt's rule: add a sample that should have fired, take away one that did.

    Rosenblatt, Psychological Review 65 (1958). It ends if a line separates the classes, and never
    otherwise.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The samples, which come in their order.
    y : array-like of shape (n_samples,)
        Labels, 0 and 1.
    max_epochs : int, default=100
        So many passes at most.

    Returns
    -------
    fit : PerceptronFit
        All weights on the way.

    Raises
    ------
    ValueError
        For other labels, and without epochs.

    Examples
    --------
    >>> from skarma import demos
    >>> fit = demos.perceptron(demos.CORNERS, [0, 0, 0, 1])
    >>> fit.converged, fit.predict(demos.CORNERS)
    (True, array([0, 0, 0, 1]))
    """
    samples, labels = np.asarray(X, dtype=np.float64), np.asarray(y)
    if samples.ndim != 2 or labels.shape != samples.shape[:1]:
        raise ValueError(f"y must have a label for each of X's rows, got {labels.shape}.")
    if not np.isin(labels, (0, 1)).all():
        raise ValueError(f"Labels must be 0 and 1, got {np.unique(labels).tolist()}.")
    if max_epochs < 1:
        raise ValueError(f"max_epochs must be at least 1, got {max_epochs}.")
    with_bias = np.column_stack([samples, np.ones(len(samples))])
    weights, mistakes = [np.zeros(with_bias.shape[1])], list[int]()
    while not mistakes or (mistakes[-1] > 0 and len(mistakes) < max_epochs):
        n_before = len(weights)
        for sample, label in zip(with_bias, labels, strict=True):
            fires = int(sample @ weights[-1] > 0)
            if fires != label:
                weights.append(weights[-1] + (int(label) - fires) * sample)
        mistakes.append(len(weights) - n_before)
    return PerceptronFit(
        samples,
        labels.astype(np.int64),
        np.array(weights),
        np.array(mistakes),
        mistakes[-1] == 0,
    )


@dataclass(frozen=True, eq=False)
class XorNetwork(Demonstration):
    """A network on the four points of exclusive or.

    ``plot()`` draws the probability of label 1, and the four points.

    Attributes
    ----------
    network : MLPClassifier
        It, fitted.
    accuracy : float
        The share of the four points that it tells right.
    axis : ndarray of shape (n,)
        Values of both features on a grid.
    probabilities : ndarray of shape (n, n)
        Of label 1 there; rows go by the second feature.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.xor_network((2,), "relu", random_state=0).probabilities.shape
    (61, 61)
    """

    network: MLPClassifier
    accuracy: float
    axis: Array
    probabilities: Array

    def _draw(self, ax: Axes) -> None:
        levels = np.linspace(0, 1, 11)
        heights = ax.contourf(self.axis, self.axis, self.probabilities, levels, cmap="RdBu_r",
                              alpha=0.6)  # fmt: skip
        ax.figure.colorbar(heights, ax=ax, label="probability of label 1")
        _draw_labelled(ax, CORNERS, XOR)
        ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
        ax.set_title(f"exclusive or: accuracy {self.accuracy:g}")
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)


def xor_network(
    hidden_layer_sizes: tuple[int, ...] = (4,),
    activation: str = "tanh",
    random_state: int | None = 0,
    **settings: Any,
) -> XorNetwork:
    """Fit a network to exclusive or, by L-BFGS unless told otherwise.

    Parameters
    ----------
    hidden_layer_sizes, activation, random_state
        As `MLPClassifier` has them.
    **settings
        Others of it.

    Returns
    -------
    fit : XorNetwork
        The network, and its probabilities on a grid.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.xor_network().accuracy
    1.0
    """
    own: dict[str, Any] = {"solver": "lbfgs", "max_iter": 1000} | settings
    network = MLPClassifier(
        hidden_layer_sizes, activation=activation, random_state=random_state, **own
    ).fit(CORNERS, XOR)
    axis = np.linspace(-0.25, 1.25, 61)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    probabilities = network.predict_proba(grid)[:, 1].reshape(len(axis), -1)
    return XorNetwork(network, float(network.score(CORNERS, XOR)), axis, probabilities)


def _draw_labelled(ax: Axes, X: Array, y: NDArray[np.int64]) -> None:
    for label, marker in ((0, "o"), (1, "s")):
        own = X[y == label]
        ax.plot(*own.T, marker, color=colour(label), markersize=7, markeredgecolor="white",
                label=f"label {label}", zorder=3)  # fmt: skip
