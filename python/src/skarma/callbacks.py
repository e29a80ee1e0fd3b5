"""Callbacks: what watches a fit and may steer it.

``fit`` and ``partial_fit`` of the networks take ``callbacks=[...]``. Each is a `Callback`, or a
function that is called after each epoch. They are called in their order, in the thread that called
``fit``; training itself waits for them without Python's lock.
"""

from __future__ import annotations

import copy
import csv
import math
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from skarma._history import COLUMNS, History
from skarma._search_progress import _live_console

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from skarma import _native
    from skarma._types import Monitor

__all__ = [
    "CSVLogger",
    "Callback",
    "FitProgress",
    "LivePlot",
    "ModelCheckpoint",
    "ProgressBar",
    "ReduceLROnPlateau",
    "RestoreOnDivergence",
]

_EVENTS = ("on_begin", "on_epoch_begin", "on_batch", "on_epoch", "on_end")


class FitProgress:
    """A fit, as a callback finds it. It can be asked while the callback runs, not later.

    Attributes
    ----------
    n_iter : int
        Epochs of this fit that are complete; of lbfgs, iterations.

    max_iter : int
        How many there are at most.

    batch, n_batches : int
        Minibatches of the present epoch that are complete, and of an epoch; 0 for lbfgs.

    loss : float
        Of the last epoch; in `on_batch` the mean of this epoch so far.

    validation_score, validation_loss : float or None
        After an epoch, where there are samples for validation.

    learning_rate : float
        Of the steps that come next; NaN for lbfgs. It may be set: a schedule goes on from there.

    seconds : float
        Since the fit began.

    has_ended : bool
        Whether that was the last epoch, whatever callbacks say.

    estimator : MLPClassifier or MLPRegressor
        What is being fitted. Its weights are those before.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> def lower(fit):
    ...     fit.learning_rate *= 0.5
    ...     return fit.n_iter == 3  # True ends the fit
    >>> MLPClassifier(random_state=0).fit(*load_iris(return_X_y=True), callbacks=[lower]).n_iter_
    3
    """

    if TYPE_CHECKING:
        learning_rate: float
        _native: Any

        @property
        def n_iter(self) -> int: ...

        @property
        def max_iter(self) -> int: ...

        @property
        def batch(self) -> int: ...

        @property
        def n_batches(self) -> int: ...

        @property
        def loss(self) -> float: ...

        @property
        def validation_score(self) -> float | None: ...

        @property
        def validation_loss(self) -> float | None: ...

        @property
        def seconds(self) -> float: ...

        @property
        def has_ended(self) -> bool: ...

        @property
        def estimator(self) -> Any: ...

    def __init__(self, native: _native.WatchedFit, estimator: Any) -> None:
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "estimator", estimator)

    if not TYPE_CHECKING:  # a checker knows the attributes above

        def __getattr__(self, name):
            if name.startswith("_"):
                raise AttributeError(name)
            return getattr(self._native, name)

        def __setattr__(self, name, value):
            if name != "learning_rate":
                raise AttributeError(f"{name} of a fit cannot be set: learning_rate can.")
            self._native.learning_rate = float(value)

    def stop(self) -> None:
        """End the fit; in `on_batch`, when the epoch is complete."""
        self._native.stop()

    def weights(self) -> dict[str, Any]:
        """Copy the network as it is now.

        Returns
        -------
        attributes : dict
            `coefs_`, `intercepts_` and what else a fitted network is made of.
        """
        return self._native.weights()

    def fitted_estimator(self) -> Any:
        """Copy the estimator as if the fit had ended here: it predicts, scores and is saved.

        Returns
        -------
        estimator : MLPClassifier or MLPRegressor
            The copy.
        """
        fitted = copy.copy(self.estimator)
        for name in ("_model", "_wide_model", "loss_curve_", "validation_scores_"):
            fitted.__dict__.pop(name, None)
        fitted.__dict__.update(self.weights(), n_iter_=self.n_iter, loss_=self.loss)
        return fitted

    def checkpoint(self) -> object:
        """Copy everything that `restore` goes back to: weights, moments and steps.

        Returns
        -------
        checkpoint : object
            To be given to `restore` of the same fit.

        Raises
        ------
        ValueError
            For lbfgs, whose steps know of all steps before.
        """
        return self._native.checkpoint()

    def restore(self, checkpoint: Any) -> None:
        """Go back to a checkpoint.

        Parameters
        ----------
        checkpoint : object
            What `checkpoint` has given.
        """
        self._native.restore(checkpoint)


class Callback:
    """What watches a fit: override what you need. A method that returns True ends the fit.

    Training with `on_batch` asks after every minibatch, which takes time; without it there is no
    question. What a method raises ends the fit and leaves the estimator as it was.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.callbacks import Callback
    >>> class StopAtLoss(Callback):
    ...     def on_epoch(self, fit):
    ...         return fit.loss < 0.5
    >>> network = MLPClassifier(max_iter=1000, random_state=0)
    >>> network.fit(*load_iris(return_X_y=True), callbacks=[StopAtLoss()]).loss_ < 0.5
    True
    """

    def on_begin(self, fit: FitProgress) -> bool | None:
        """Be told before the first epoch."""

    def on_epoch_begin(self, fit: FitProgress) -> bool | None:
        """Be told before an epoch."""

    def on_batch(self, fit: FitProgress) -> bool | None:
        """Be told after a minibatch; lbfgs has none."""

    def on_epoch(self, fit: FitProgress) -> bool | None:
        """Be told after an epoch (lbfgs: an iteration), once it is scored."""

    def on_end(self, fit: FitProgress) -> bool | None:
        """Be told once training has ended, unless by an error."""


class _OfFunction(Callback):
    def __init__(self, function: Callable[[FitProgress], Any]) -> None:
        self.on_epoch = function  # type: ignore[method-assign, assignment]


def checked(callbacks: Any) -> list[Callback]:
    """The callbacks of a fit as a list of `Callback`. Raises TypeError for what is none."""
    if callbacks is None:
        return []
    if isinstance(callbacks, Callback) or not hasattr(callbacks, "__iter__"):
        raise TypeError(f"callbacks must be a list of callbacks. Got {callbacks!r} instead.")
    found = []
    for callback in callbacks:
        if isinstance(callback, type) or not (isinstance(callback, Callback) or callable(callback)):
            raise TypeError(
                "callbacks must be instances of skarma.callbacks.Callback, or functions that are "
                f"called after each epoch. Got {callback!r} instead."
            )
        found.append(callback if isinstance(callback, Callback) else _OfFunction(callback))
    return found


def native_callback(callbacks: Sequence[Callback], estimator: Any) -> dict[str, Any]:
    """What the native fit calls, and whether it does so after each minibatch."""

    def wants(callback: Callback, event: str) -> bool:
        return event in vars(callback) or getattr(type(callback), event) is not getattr(
            Callback, event
        )

    told = {event: [c for c in callbacks if wants(c, event)] for event in _EVENTS}

    def tell(event: str, native: _native.WatchedFit) -> bool:
        fit = FitProgress(native, estimator)
        stops = False
        for callback in told[event]:
            stops = bool(getattr(callback, event)(fit)) or stops
        return stops

    return {"callback": tell, "batches": bool(told["on_batch"])}


# ---- ready ones


class _Monitor:
    """A figure of each epoch, and whether it is the best so far."""

    def __init__(self, name: str | None, min_delta: float = 0.0) -> None:
        if name is not None and name not in COLUMNS[:3]:
            raise ValueError(f"monitor must be None or one of {COLUMNS[:3]}. Got {name!r} instead.")
        self.name, self.min_delta = name, min_delta
        self.best: float | None = None

    def figure(self, fit: FitProgress) -> float:
        if self.name is None:
            self.name = "loss" if fit.validation_score is None else "validation_score"
        value = getattr(fit, self.name)
        if value is None:
            raise ValueError(
                f"monitor={self.name!r} needs samples for validation: give fit X_val and y_val, or "
                "set early_stopping=True."
            )
        return value

    def improves(self, fit: FitProgress) -> bool:
        value = self.figure(fit)
        sign = 1.0 if self.name == "validation_score" else -1.0
        if math.isnan(value):
            return False
        if self.best is not None and sign * value <= sign * self.best + self.min_delta:
            return False
        self.best = value
        return True


class _Rates(Callback):
    """Keeps the learning rate of the epoch's steps, which a schedule has moved when it ends."""

    def on_epoch_begin(self, fit: FitProgress) -> None:
        """Keep the rate."""
        self._rate = fit.learning_rate

    def _row(self, fit: FitProgress, seconds: float) -> tuple[float | None, ...]:
        return (fit.loss, fit.validation_score, fit.validation_loss, self._rate, seconds)


class CSVLogger(_Rates):
    """Write a row for each epoch to a file of comma-separated values, which is whole after each.

    Parameters
    ----------
    path : str or path-like
        The file. Its columns: epoch, loss, validation_score, validation_loss, learning_rate,
        seconds.

    append : bool, default=False
        Whether to write behind what is there.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.callbacks import CSVLogger
    >>> network = MLPClassifier(max_iter=300, tol=0.01, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = CSVLogger(folder + "/log.csv")
    ...     network = network.fit(*load_iris(return_X_y=True), callbacks=[log])
    ...     print(open(log.path).readline())
    epoch,loss,validation_score,validation_loss,learning_rate,seconds
    <BLANKLINE>
    """

    def __init__(self, path: str | os.PathLike[str], *, append: bool = False) -> None:
        self.path, self.append = os.fspath(path), append
        self._file: Any = None

    def on_begin(self, fit: FitProgress) -> None:
        """Open the file."""
        has_rows = self.append and os.path.exists(self.path) and os.path.getsize(self.path) > 0
        self._file = open(self.path, "a" if self.append else "w", newline="")
        self._writer = csv.writer(self._file)
        if not has_rows:
            self._writer.writerow(("epoch", *COLUMNS))
        self._seconds = 0.0

    def on_epoch(self, fit: FitProgress) -> None:
        """Write the epoch's row."""
        row = self._row(fit, fit.seconds - self._seconds)
        self._seconds = fit.seconds
        self._writer.writerow((fit.n_iter, *row))
        self._file.flush()

    def on_end(self, fit: FitProgress) -> None:
        """Close the file."""
        self._file.close()


class ModelCheckpoint(Callback):
    """Keep the best model of a fit.

    Parameters
    ----------
    path : str or path-like, default=None
        A model file (see `skarma.load`) that is replaced after each epoch that is the best so far;
        None writes none.

    monitor : {"loss", "validation_loss", "validation_score"}, default=None
        What is best; None is the score of the samples for validation, or without any the loss.

    restore_best : bool, default=False
        Whether the fit ends with the best network; not for lbfgs.

    Attributes
    ----------
    best_ : float
        The best figure.

    best_epoch_ : int
        The epoch that had it, from 1.

    Examples
    --------
    >>> import tempfile, skarma
    >>> from sklearn.datasets import load_iris
    >>> from skarma.callbacks import ModelCheckpoint
    >>> X, y = load_iris(return_X_y=True)
    >>> network = skarma.MLPClassifier(max_iter=300, tol=0.01, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     best = ModelCheckpoint(folder + "/best.safetensors")
    ...     network = network.fit(X, y, callbacks=[best])
    ...     kept = skarma.load(best.path)
    >>> best.best_epoch_ <= network.n_iter_ and kept.score(X, y) > 0.5
    True
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        monitor: Monitor | None = None,
        restore_best: bool = False,
    ) -> None:
        self.path = None if path is None else os.fspath(path)
        self.monitor, self.restore_best = monitor, restore_best
        _Monitor(monitor)

    def on_begin(self, fit: FitProgress) -> None:
        """Start anew."""
        self._monitor = _Monitor(self.monitor)
        self._kept: object = None

    def on_epoch(self, fit: FitProgress) -> None:
        """Keep the network if it is the best."""
        if not self._monitor.improves(fit):
            return
        self.best_, self.best_epoch_ = self._monitor.best, fit.n_iter
        if self.restore_best:
            self._kept = fit.checkpoint()
        if self.path is not None:
            fit.fitted_estimator().save(self.path)

    def on_end(self, fit: FitProgress) -> None:
        """Go back to the best network, if that is wanted."""
        if self._kept is not None:
            fit.restore(self._kept)
            self._kept = None


class ReduceLROnPlateau(Callback):
    """Lower the learning rate when a figure no longer gets better.

    Parameters
    ----------
    monitor : {"loss", "validation_loss", "validation_score"}, default=None
        The figure; None is the score of the samples for validation, or without any the loss.

    factor : float, default=0.1
        What the rate is multiplied by.

    patience : int, default=10
        Epochs that are let pass without an improvement.

    min_delta : float, default=1e-4
        The smallest improvement that counts.

    min_lr : float, default=0.0
        Where the rate ends.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.callbacks import ReduceLROnPlateau
    >>> network = MLPClassifier(max_iter=300, tol=0.001, random_state=0)
    >>> plateau = ReduceLROnPlateau("loss", patience=2, min_delta=0.05)
    >>> network = network.fit(*load_iris(return_X_y=True), callbacks=[plateau])
    >>> rates = network.history_["learning_rate"]
    >>> bool(rates[-1] < rates[0])
    True
    """

    def __init__(
        self,
        monitor: Monitor | None = None,
        *,
        factor: float = 0.1,
        patience: int = 10,
        min_delta: float = 1e-4,
        min_lr: float = 0.0,
    ) -> None:
        if not 0.0 < factor < 1.0:
            raise ValueError(f"factor must be between 0 and 1. Got {factor!r} instead.")
        self.monitor, self.factor, self.patience = monitor, factor, patience
        self.min_delta, self.min_lr = min_delta, min_lr
        _Monitor(monitor)

    def on_begin(self, fit: FitProgress) -> None:
        """Start anew."""
        self._monitor, self._n_worse = _Monitor(self.monitor, self.min_delta), 0

    def on_epoch(self, fit: FitProgress) -> None:
        """Count epochs that are no better."""
        if self._monitor.improves(fit):
            self._n_worse = 0
            return
        self._n_worse += 1
        if self._n_worse > self.patience:
            self._n_worse = 0
            lower = max(fit.learning_rate * self.factor, self.min_lr)
            if lower < fit.learning_rate:
                fit.learning_rate = lower


class RestoreOnDivergence(Callback):
    """Go back to before the best epoch, with a lower learning rate, when the loss explodes.

    Parameters
    ----------
    factor : float, default=0.5
        What the learning rate is multiplied by then.

    growth : float, default=10.0
        The loss of an epoch has exploded if it is not finite, or so many times the lowest so far.

    max_restores : int, default=10
        How often; then the fit ends there.

    Attributes
    ----------
    n_restores_ : int
        How often it was.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.callbacks import RestoreOnDivergence
    >>> network = MLPClassifier(solver="sgd", learning_rate_init=1.0, max_iter=300, random_state=0)
    >>> watcher = RestoreOnDivergence()
    >>> bool(network.fit(*load_iris(return_X_y=True), callbacks=[watcher]).loss_ < 2)
    True
    """

    def __init__(
        self, *, factor: float = 0.5, growth: float = 10.0, max_restores: int = 10
    ) -> None:
        if not 0.0 < factor < 1.0:
            raise ValueError(f"factor must be between 0 and 1. Got {factor!r} instead.")
        if not growth > 1.0:
            raise ValueError(f"growth must be above 1. Got {growth!r} instead.")
        self.factor, self.growth, self.max_restores = factor, growth, max_restores

    def on_begin(self, fit: FitProgress) -> None:
        """Start anew."""
        self.n_restores_, self._lowest = 0, math.inf
        self._kept: object = None

    def on_epoch_begin(self, fit: FitProgress) -> None:
        """Keep the network before the epoch: the loss is that of these weights, not of the next."""
        self._before = fit.checkpoint()

    def on_epoch(self, fit: FitProgress) -> bool:
        """Keep it if the epoch is the best so far, or go back to the best."""
        if fit.loss < self._lowest or self._kept is None:
            self._lowest = min(self._lowest, fit.loss)  # in this order no NaN
            self._kept = self._before
        if math.isfinite(fit.loss) and fit.loss <= self.growth * self._lowest:
            return False
        fit.restore(self._kept)
        if self.n_restores_ == self.max_restores:
            return True
        self.n_restores_ += 1
        fit.learning_rate *= self.factor
        return False

    def on_end(self, fit: FitProgress) -> None:
        """Let go of what was kept."""
        self._before = self._kept = None


class ProgressBar(Callback):
    """Show how far a fit is: a live line in a terminal or a notebook, by means of rich
    (``pip install skarma[progress]``); elsewhere one line of text at the end.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.callbacks import ProgressBar
    >>> network = MLPClassifier(max_iter=300, tol=0.01, random_state=0)
    >>> X, y = load_iris(return_X_y=True)
    >>> network = network.fit(X, y, callbacks=[ProgressBar()])  # doctest: +ELLIPSIS
    35/300 epochs in ... s: loss 0...
    """

    def on_begin(self, fit: FitProgress) -> None:
        """Show the line."""
        self._bar, console = None, _live_console()
        if console is None:
            return
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            MofNCompleteColumn(),
            TextColumn("epochs"),
            BarColumn(bar_width=20),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}", markup=False),
        )
        self._bar = Progress(*columns, console=console)
        self._task = self._bar.add_task("", total=fit.max_iter, figures="")
        self._bar.start()

    @staticmethod
    def _figures(fit: FitProgress) -> str:
        figures = {
            "loss": fit.loss,
            "validation loss": fit.validation_loss,
            "validation score": fit.validation_score,
        }
        return ", ".join(f"{name} {v:.4f}" for name, v in figures.items() if v is not None)

    def on_epoch(self, fit: FitProgress) -> None:
        """Move on."""
        self._last = self._figures(fit)
        if self._bar is not None:
            self._bar.update(self._task, completed=fit.n_iter, figures=self._last)

    def on_end(self, fit: FitProgress) -> None:
        """Leave the line as it is."""
        if self._bar is not None:
            self._bar.refresh()
            self._bar.stop()
        elif fit.n_iter > 0:
            print(f"{fit.n_iter}/{fit.max_iter} epochs in {fit.seconds:.1f} s: {self._last}")


class LivePlot(_Rates):
    """Draw the history of a fit while it runs, in a notebook or a window of matplotlib.

    Parameters
    ----------
    every : int, default=1
        Epochs between two drawings.

    ax : matplotlib.axes.Axes, default=None
        Where to draw; None is a figure of its own.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.callbacks import LivePlot
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # no window here
    >>> import matplotlib.pyplot as plt
    >>> axes = plt.subplots()[1]
    >>> network = MLPClassifier(max_iter=300, tol=0.01, random_state=0)
    >>> plot = LivePlot(every=10, ax=axes)
    >>> network = network.fit(*load_iris(return_X_y=True), callbacks=[plot])
    >>> axes.get_xlabel()
    'epoch'
    """

    def __init__(self, *, every: int = 1, ax: Axes | None = None) -> None:
        self.every, self.ax = every, ax

    def on_begin(self, fit: FitProgress) -> None:
        """Open the figure."""
        import matplotlib.pyplot as plt

        self._axes = plt.subplots()[1] if self.ax is None else self.ax
        self._rows: list[Any] = []
        self._seconds = 0.0
        self._display: Any = None

    def on_epoch(self, fit: FitProgress) -> None:
        """Draw what there is."""
        self._rows.append(self._row(fit, fit.seconds - self._seconds))
        self._seconds = fit.seconds
        if fit.n_iter % self.every == 0:
            self._draw()

    def on_end(self, fit: FitProgress) -> None:
        """Draw it all."""
        if self._rows:
            self._draw()

    def _draw(self) -> None:
        import numpy as np

        axes, figure = self._axes, self._axes.figure
        for other in [
            a for a in figure.axes if a is not axes and a.bbox.bounds == axes.bbox.bounds
        ]:
            other.remove()  # the score's
        axes.clear()
        columns = np.array(self._rows, dtype=np.float64).T  # None is NaN
        History(dict(zip(COLUMNS, columns, strict=True))).plot(ax=axes)
        console = _live_console()
        if console is not None and console.is_jupyter:
            from IPython.display import display

            if self._display is None:
                self._display = display(figure, display_id=True)
            else:
                self._display.update(figure)
        else:
            figure.canvas.draw_idle()
            figure.canvas.flush_events()
