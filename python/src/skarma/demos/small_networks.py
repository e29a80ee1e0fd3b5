"""A network that is trained by hand, and gradients that vanish in deep ones."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import ConvergenceWarning

from skarma import MLPClassifier
from skarma.demos._plotting import Demonstration
from skarma.demos.functions import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Weight less 135 pounds and height less 66 inches of four people, and who of them are women.
PEOPLE = np.array([[-2.0, -1.0], [25.0, 6.0], [17.0, 4.0], [-15.0, -6.0]])
WOMEN = np.array([1.0, 0.0, 0.0, 1.0])


def _sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


@dataclass(frozen=True, eq=False)
class NetByHand(Demonstration):
    """A 2-2-1 network of sigmoids that stochastic gradient descent has trained.

    ``plot()`` draws the losses over the epochs.

    Attributes
    ----------
    initial, final : tuple of four ndarrays
        Weights of the hidden units (2, 2), their biases (2,), weights of the output (2,), its bias
        (); a column of the first is a unit's.
    losses : ndarray of shape (n_epochs + 1,)
        Mean squared errors, at first and after each epoch.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.net_by_hand(n_epochs=10).losses.shape
    (11,)
    """

    initial: tuple[Array, Array, Array, Array]
    final: tuple[Array, Array, Array, Array]
    losses: Array

    @property
    def n_parameters(self) -> int:
        """How many weights and biases there are."""
        return sum(array.size for array in self.final)

    def predict(self, X: ArrayLike) -> Array:
        """Compute outputs, of shape (n_samples,), of samples of shape (n_samples, 2)."""
        return _forward(np.asarray(X, dtype=np.float64), self.final)[1]

    def _draw(self, ax: Axes) -> None:
        ax.semilogy(self.losses)
        ax.set(xlabel="epoch", ylabel="mean squared error")
        ax.set_title("a 2-2-1 network, trained by hand")


def _forward(X: Array, parameters: Sequence[Array]) -> tuple[Array, Array]:
    first, first_bias, last, last_bias = parameters
    hidden = _sigmoid(X @ first + first_bias)
    return hidden, _sigmoid(hidden @ last + last_bias)


def _gradient(x: Array, y: float, parameters: Sequence[Array]) -> list[Array]:
    """Of one sample's squared error, by the chain rule."""
    hidden, output = _forward(x, parameters)
    delta = 2 * (output - y) * output * (1 - output)
    hidden_delta = delta * parameters[2] * hidden * (1 - hidden)
    return [np.outer(x, hidden_delta), hidden_delta, delta * hidden, delta]


def net_by_hand(
    X: ArrayLike = PEOPLE,
    y: ArrayLike = WOMEN,
    *,
    learning_rate: float = 0.1,
    n_epochs: int = 1000,
    random_state: int = 0,
) -> NetByHand:
    """Train two hidden sigmoids and one of them as the output, a sample a step, in their order.

    Every line of it is written out here; the first weights are from the standard normal
    distribution.

    Parameters
    ----------
    X : array-like of shape (n_samples, 2), default=PEOPLE
        The samples.
    y : array-like of shape (n_samples,), default=WOMEN
        Targets between 0 and 1.
    learning_rate : float, default=0.1
        Of the squared error's gradient.
    n_epochs : int, default=1000
        Passes through the samples.
    random_state : int, default=0
        Seed of the first weights.

    Returns
    -------
    network : NetByHand
        Weights and losses.

    Examples
    --------
    >>> from skarma import demos
    >>> network = demos.net_by_hand()
    >>> network.n_parameters, network.predict(demos.PEOPLE).round()
    (9, array([1., 0., 0., 1.]))
    """
    samples, targets = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if samples.ndim != 2 or samples.shape[1] != 2 or targets.shape != samples.shape[:1]:
        raise ValueError(
            "X must have two columns and y a number for each row, got the shapes "
            f"{samples.shape} and {targets.shape}."
        )
    random = np.random.RandomState(random_state)
    shapes: list[tuple[int, ...]] = [(2, 2), (2,), (2,), ()]
    parameters = [np.asarray(random.standard_normal(shape)) for shape in shapes]
    initial = tuple(array.copy() for array in parameters)

    def loss() -> float:
        return float(((_forward(samples, parameters)[1] - targets) ** 2).mean())

    losses = [loss()]
    for _ in range(n_epochs):
        for x, target in zip(samples, targets, strict=True):
            gradient = _gradient(x, target, parameters)
            parameters = [w - learning_rate * g for w, g in zip(parameters, gradient, strict=True)]
        losses.append(loss())
    return NetByHand(initial, tuple(parameters), np.array(losses))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class VanishingGradients(Demonstration):
    """How large gradients are in each layer of networks at the start of training.

    ``plot()`` draws the gradients over the layers.

    Attributes
    ----------
    activations : tuple of str
        Of the hidden layers, a network each.
    gradients : ndarray of shape (n_activations, n_layers)
        Root mean squares of the loss's derivatives by the weights of a layer, first layer first.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.VanishingGradients(("tanh",), demos.PEOPLE[1:2] ** 2).ratios
    array([0.0576])
    """

    activations: tuple[str, ...]
    gradients: Array

    @property
    def ratios(self) -> Array:
        """How many times the first layer's gradient the last one's is, for each activation."""
        return np.asarray(self.gradients[:, -1] / self.gradients[:, 0])

    def _draw(self, ax: Axes) -> None:
        layers = np.arange(1, self.gradients.shape[1] + 1)
        for name, row in zip(self.activations, self.gradients, strict=True):
            ax.semilogy(layers, row, "o-", label=name)
        ax.set_xticks(layers)
        ax.set(xlabel="layer", ylabel="root mean square of the gradient")
        ax.set_title("gradients at the start of training")
        ax.legend()


def vanishing_gradients(
    X: ArrayLike,
    y: ArrayLike,
    activations: Sequence[str] = ("logistic", "tanh", "relu"),
    *,
    hidden_layer_sizes: tuple[int, ...] = (100,) * 5,
    random_state: int | None = 0,
) -> VanishingGradients:
    """Measure the gradients of classifiers' layers at their first weights.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The samples.
    y : array-like of shape (n_samples,)
        Their labels.
    activations : sequence of str, default=("logistic", "tanh", "relu")
        A network each.
    hidden_layer_sizes, random_state
        As `MLPClassifier` has them.

    Returns
    -------
    figures : VanishingGradients
        Root mean squares by layer.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import demos
    >>> figures = demos.vanishing_gradients(*load_iris(return_X_y=True))
    >>> (figures.ratios > 1000).tolist()
    [True, False, False]
    """
    rows = [_layer_gradients(X, y, name, hidden_layer_sizes, random_state) for name in activations]
    return VanishingGradients(tuple(activations), np.array(rows))


def _layer_gradients(
    X: ArrayLike, y: ArrayLike, activation: str, sizes: tuple[int, ...], random_state: int | None
) -> list[float]:
    """A step of descent without penalty moves weights by minus the rate times the gradient."""

    def after_a_step(rate: float) -> list[Array]:
        network = MLPClassifier(
            sizes, activation=activation, solver="gd", alpha=0, learning_rate_init=rate,
            max_iter=1, random_state=random_state,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return list(network.fit(X, y).coefs_)

    pairs = zip(after_a_step(1e-300), after_a_step(1.0), strict=True)
    return [float(np.sqrt(((before - after) ** 2).mean())) for before, after in pairs]
