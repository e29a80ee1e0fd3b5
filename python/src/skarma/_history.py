"""What a fit came to, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skarma._pictures import pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

#: The columns of a history, in their order.
COLUMNS = ("loss", "validation_score", "validation_loss", "learning_rate", "seconds")


class History(Mapping[str, "NDArray[np.float64]"]):
    """What a fit came to, epoch by epoch (of lbfgs and lm, iteration by iteration): a table.

    ``history["loss"]`` is a column: an ndarray of shape (n_epochs,), NaN where an epoch has no such
    figure. Columns are `loss`, with penalties; of the samples for validation `validation_score` and
    `validation_loss`, without penalties; `learning_rate`, of the epoch's steps; `seconds`, that the
    epoch took. Those that were never measured are not there. Fits that go on from each other
    (`partial_fit`, `warm_start`) are one table.

    Parameters
    ----------
    columns : dict of str to ndarray of shape (n_epochs,)
        All columns.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> network = MLPClassifier(max_iter=300, tol=0.01, early_stopping=True, random_state=0)
    >>> history = network.fit(*load_iris(return_X_y=True)).history_
    >>> list(history)
    ['loss', 'validation_score', 'validation_loss', 'learning_rate', 'seconds']
    >>> history["loss"].shape == (history.n_epochs,)
    True
    """

    def __init__(self, columns: Mapping[str, NDArray[np.float64]]) -> None:
        self._columns = {
            name: columns[name]
            for name in COLUMNS
            if name in columns and (name == "loss" or not np.isnan(columns[name]).all())
        }

    @classmethod
    def of_attributes(cls, estimator: Any) -> Self:
        """That of a network which scikit-learn's own code has trained."""
        columns = {"loss": np.asarray(estimator.loss_curve_, dtype=np.float64)}
        scores = getattr(estimator, "validation_scores_", None)
        if scores:
            columns["validation_score"] = np.asarray(scores, dtype=np.float64)
        return cls(columns)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        try:
            return self._columns[name]
        except KeyError:
            raise KeyError(f"{name!r}: the history has {', '.join(self._columns)}.") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def n_epochs(self) -> int:
        """How many epochs there are."""
        return len(self._columns["loss"])

    def __repr__(self) -> str:
        return f"<History of {self.n_epochs} epochs: {', '.join(self._columns)}>"

    def to_frame(self) -> Any:
        """Make a data frame.

        Returns
        -------
        frame : pandas.DataFrame
            A row an epoch, by its number from 1, and a column for each of the history's.

        Raises
        ------
        ImportError
            Without pandas.
        """
        import pandas as pd

        index = pd.RangeIndex(1, self.n_epochs + 1, name="epoch")
        return pd.DataFrame(self._columns, index=index)

    def plot(self, *names: str, ax: Axes | None = None) -> Axes:
        """Draw columns over the epochs.

        Parameters
        ----------
        *names : str
            Columns; none are the losses, and the score on an axis of its own to the right.

        ax : matplotlib.axes.Axes, default=None
            Where to draw; None is the current figure's.

        Returns
        -------
        ax : matplotlib.axes.Axes
            Where the columns are.

        Raises
        ------
        ImportError
            Without matplotlib.
        """
        ax = pyplot().gca() if ax is None else ax
        epochs = np.arange(1, self.n_epochs + 1)
        drawn = names or [name for name in ("loss", "validation_loss") if name in self]
        for name in drawn:
            ax.plot(epochs, self[name], label=name.replace("_", " "))
        ax.set_xlabel("epoch")
        if not names and "validation_score" in self:
            right = ax.twinx()
            right.plot(epochs, self["validation_score"], color="C2", label="validation score")
            right.set_ylabel("validation score")
        ax.legend()
        return ax
