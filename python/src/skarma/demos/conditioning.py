"""What the eigenvalues of a quadratic say of steepest descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skarma.demos._plotting import Demonstration, colour
from skarma.demos.functions import Array, quadratic
from skarma.demos.optimizers import Rule, optimizer_paths

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Conditioning(Demonstration):
    """Steepest descent on x'Hx / 2, by learning rate.

    ``plot()`` draws the numbers of steps over the learning rates.

    Attributes
    ----------
    eigenvalues : ndarray of shape (n,)
        Of H, in rising order.
    condition_number : float
        The largest eigenvalue by the least.
    largest_rate : float
        2 / the largest eigenvalue: with this learning rate and above descent does not converge.
    best_rate : float
        2 / (least + largest eigenvalue): the fastest.
    learning_rates : ndarray of shape (n_rates,)
        Rates that were tried.
    n_steps : ndarray of shape (n_rates,)
        How many steps each took until one changed the function by less than epsilon.
    converged : ndarray of bool of shape (n_rates,)
        Whether it came to that.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.conditioning([[1, 0], [0, 4]]).condition_number
    4.0
    """

    eigenvalues: Array
    condition_number: float
    largest_rate: float
    best_rate: float
    learning_rates: Array
    n_steps: NDArray[np.int64]
    converged: NDArray[np.bool_]

    def _draw(self, ax: Axes) -> None:
        ended = self.converged
        ax.semilogy(self.learning_rates[ended], self.n_steps[ended], "o-", label="steps")
        ax.axvline(
            self.best_rate, color=colour(2), linestyle="--", label=f"best, {self.best_rate:.3g}"
        )
        ax.axvline(
            self.largest_rate,
            color=colour(1),
            linestyle="--",
            label=f"limit, {self.largest_rate:.3g}",
        )
        ax.set(xlabel="learning rate", ylabel="steps until the stop rule")
        ax.set_title(f"condition number {self.condition_number:.3g}")
        ax.legend()


def conditioning(
    hessian: ArrayLike,
    learning_rates: ArrayLike | None = None,
    *,
    start: ArrayLike | None = None,
    epsilon: float = 1e-10,
    max_steps: int = 10_000,
) -> Conditioning:
    """Count the steps of steepest descent on x'Hx / 2.

    Parameters
    ----------
    hessian : array-like of shape (n, n)
        H, symmetric and positive definite.
    learning_rates : array-like of shape (n_rates,), default=None
        Rates to try; None: from a twentieth of the largest stable one to just below it.
    start : array-like of shape (n,), default=None
        Where to start; None: (1, ..., 1).
    epsilon : float, default=1e-10
        Descent ends with a step that changes the function by less than this.
    max_steps : int, default=10000
        Or after so many.

    Returns
    -------
    figures : Conditioning
        Eigenvalues and numbers of steps.

    Raises
    ------
    ValueError
        If the matrix is not symmetric, or has eigenvalues that are not above 0.

    Examples
    --------
    >>> from skarma import demos
    >>> figures = demos.conditioning([[1, 0], [0, 2]], [0.22, 0.63])
    >>> figures.n_steps, figures.largest_rate
    (array([45, 13]), 1.0)
    """
    function = quadratic(hessian)
    eigenvalues: Array = np.linalg.eigvalsh(np.asarray(hessian, dtype=np.float64)).astype(
        np.float64
    )
    least, largest = float(eigenvalues[0]), float(eigenvalues[-1])
    if not least > 0:
        raise ValueError(f"The matrix has the eigenvalue {least:.6g}, which is not above 0.")
    limit = 2 / largest
    rates = limit * np.linspace(0.05, 0.99, 48) if learning_rates is None else learning_rates
    tried = np.atleast_1d(np.asarray(rates, dtype=np.float64))
    rules = [Rule("gd", float(rate)) for rate in tried]
    paths = optimizer_paths(function, rules, start, max_steps=max_steps, epsilon=epsilon).paths
    return Conditioning(
        eigenvalues=eigenvalues,
        condition_number=largest / least,
        largest_rate=limit,
        best_rate=2 / (least + largest),
        learning_rates=tried,
        n_steps=np.array([path.n_steps for path in paths]),
        converged=np.array([path.reason == "converged" for path in paths]),
    )
