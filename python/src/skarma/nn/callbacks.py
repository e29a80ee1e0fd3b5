"""What watches a fit of a `Sequential`, and may steer it, under Keras's names."""

from __future__ import annotations

import csv
import errno
import math
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from skarma import _native
from skarma.nn._history_plot import draw_history

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from skarma.nn.sequential import Sequential

Logs = dict[str, float]


class Callback:
    """Override what you need.

    ``self.model`` is the network that is trained: ``self.model.stop_training = True`` ends the fit
    after the epoch. `logs` are the figures so far: "loss", "accuracy", "val_loss" ...

    Examples
    --------
    >>> from skarma import nn
    >>> class StopEarly(nn.Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.model.stop_training = logs["loss"] < 0.5
    >>> model = nn.Sequential([nn.Dense(1)], random_state=0)
    >>> model.compile(nn.SGD(learning_rate=0.1), "squared_error")
    >>> x, y = [[0.0], [1.0]], [5.0, 5.0]
    >>> losses = model.fit(x, y, epochs=99, callbacks=[StopEarly()], verbose=0).history["loss"]
    >>> losses[-1] < 0.5 < losses[-2]
    True
    """

    model: Sequential

    def set_model(self, model: Sequential) -> None:
        """Be told whose fit it is."""
        self.model = model

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Be told before the first epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Be told before an epoch, by its number from 0."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Be told after a batch, by its number from 0: a fit that is asked so gives up speed."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Be told after an epoch, with its figures."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Be told when it is over, unless an error ended it."""

    def close(self) -> None:
        """Let go of what is open, however the fit ended."""


class History(Callback):
    """What a fit came to.

    Attributes
    ----------
    epoch : list of int
        The numbers of the epochs, from 0.

    history : dict of str to list of float
        One figure an epoch: "loss" and, as far as they are measured, "accuracy", "val_loss" and
        "val_accuracy".

    Examples
    --------
    >>> from skarma import nn
    >>> model = nn.Sequential([nn.Dense(1)], random_state=0)
    >>> model.compile("sgd", "squared_error")
    >>> model.fit([[0.0], [1.0]], [0.0, 1.0], epochs=3, verbose=0).epoch
    [0, 1, 2]
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Keep the figures."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def plot(self, *names: str, axes: Axes | Sequence[Axes] | None = None) -> list[Axes]:
        """Draw loss and metrics over the epochs, of training and of validation.

        Parameters
        ----------
        *names : str
            What to draw, a picture each: "loss", "accuracy". None: all that there is.

        axes : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw, one for each name; None makes a figure.

        Returns
        -------
        axes : list of matplotlib.axes.Axes
            One for each name.

        Raises
        ------
        ImportError
            Without matplotlib.
        KeyError
            If the history has no such figure.
        ValueError
            If it has no epochs, or there are not as many axes as names.

        Examples
        --------
        >>> import matplotlib
        >>> matplotlib.use("Agg")  # no window here
        >>> from sklearn.datasets import load_iris
        >>> from skarma import nn
        >>> model = nn.Sequential([nn.Dense(8, "relu"), nn.Dense(3, "softmax")], random_state=0)
        >>> model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        >>> x, y = load_iris(return_X_y=True)
        >>> history = model.fit(x, y, epochs=5, validation_data=(x, y), verbose=0)
        >>> loss, accuracy = history.plot()
        >>> accuracy.get_ylabel(), [line.get_label() for line in accuracy.lines]
        ('accuracy', ['training', 'validation'])
        """
        return draw_history(self.epoch, self.history, names, axes)


class _Monitor(Callback):
    """Watches one figure, and knows which values are better."""

    def __init__(self, monitor: str, mode: str, min_delta: float = 0.0) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode must be 'auto', 'min' or 'max'. Got {mode!r} instead.")
        self.monitor = monitor
        self._sign = 1.0 if mode == "max" or (mode == "auto" and "acc" in monitor) else -1.0
        self._min_delta = abs(min_delta)
        self._best = -math.inf

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._best = -math.inf

    def _require_measured(self, names: Sequence[str]) -> None:
        """Find out before the first epoch."""
        if self.monitor not in names:
            raise ValueError(
                f"monitor={self.monitor!r} is not measured: this fit has {', '.join(names)}."
            )

    def _value(self, logs: Logs | None) -> float:
        self._require_measured(list(logs or {}))
        return (logs or {})[self.monitor]

    def _is_better(self, value: float) -> bool:
        if not self._sign * value > self._best + self._min_delta:
            return False
        self._best = self._sign * value
        return True


class EarlyStopping(_Monitor):
    """End a fit that no longer gets better.

    Parameters
    ----------
    monitor : str, default="val_loss"
        The figure to look at.

    min_delta : float, default=0
        What counts as better is better by more than this.

    patience : int, default=0
        After so many epochs without improvement the fit ends.

    mode : {"auto", "min", "max"}, default="auto"
        Whether less is better or more; "auto": more of accuracies, less of all else.

    restore_best_weights : bool, default=False
        Whether the network goes back to the weights of the best epoch.

    Attributes
    ----------
    stopped_epoch : int
        The number of the epoch that ended the fit, from 0; 0 if it was not ended.

    Examples
    --------
    >>> from skarma import nn
    >>> stopping = nn.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
    >>> stopping.monitor
    'val_loss'
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        mode: str = "auto",
        restore_best_weights: bool = False,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = patience
        self.restore_best_weights = restore_best_weights
        self.stopped_epoch = 0
        self._wait = 0
        self._kept: Any = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin anew."""
        super().on_train_begin(logs)
        self._require_measured(self.model._figure_names())
        self.stopped_epoch = self._wait = 0
        self._kept = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Look whether it was better."""
        if self._is_better(self._value(logs)):
            self._wait = 0
            if self.restore_best_weights:
                self._kept = self.model._checkpoint()
            return
        self._wait += 1
        if self._wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Go back to the best epoch."""
        if self._kept is not None:
            self.model._restore(self._kept)

    def close(self) -> None:
        """Forget the best epoch."""
        self._kept = None


class ModelCheckpoint(_Monitor):
    """Write the network to a model file after epochs: see `Sequential.save`.

    Its weights are those of the epoch; the optimizer begins anew where one goes on from there.

    Parameters
    ----------
    filepath : str or path-like
        The file, which is replaced. It may name the epoch, from 1, and figures:
        "net-{epoch:02d}-{val_loss:.2f}.safetensors".

    monitor : str, default="val_loss"
        The figure that `save_best_only` looks at.

    save_best_only : bool, default=False
        Whether only epochs are kept that are the best so far.

    mode : {"auto", "min", "max"}, default="auto"
        Whether less is better or more: see `EarlyStopping`.

    Raises
    ------
    ValueError, OSError
        Before the first epoch of a fit, if the name cannot be filled in with the figures that the
        fit measures, `monitor` is none of them, or no file can be written there.

    Examples
    --------
    >>> import tempfile, skarma
    >>> from skarma import nn
    >>> model = nn.Sequential([nn.Dense(1)], random_state=0)
    >>> model.compile("sgd", "squared_error")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = nn.ModelCheckpoint(folder + "/net.safetensors", "loss", save_best_only=True)
    ...     history = model.fit([[0.0], [1.0]], [0, 1], callbacks=[kept], epochs=5, verbose=0)
    ...     loaded = skarma.load(folder + "/net.safetensors")
    >>> bool((loaded.predict([[0.5]]) == model.predict([[0.5]])).all())
    True
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        save_best_only: bool = False,
        mode: str = "auto",
    ) -> None:
        super().__init__(monitor, mode)
        if not isinstance(save_best_only, (bool, np.bool_)):
            raise ValueError(f"save_best_only must be a bool. Got {save_best_only!r} instead.")
        path = os.fspath(filepath)
        if not isinstance(path, str):
            raise TypeError(f"filepath must be a str or a path of such. Got {filepath!r} instead.")
        if not path:
            raise ValueError("filepath must not be empty.")
        self.filepath = path
        self.save_best_only = save_best_only

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin anew, where the file can be named and written.

        A folder whose name is filled in is looked at when the file is written.
        """
        super().on_train_begin(logs)
        names = self.model._figure_names()
        if self.save_best_only:
            self._require_measured(names)
        path = self._path(1, dict.fromkeys(names, 0.5))
        folder = os.path.dirname(self.filepath)
        if "{" in folder:
            return
        if not os.path.isdir(folder or "."):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        _native.check_replaceable(path)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the network, if it is wanted."""
        if self.save_best_only and not self._is_better(self._value(logs)):
            return
        self.model.save(self._path(epoch + 1, logs or {}))

    def _path(self, epoch: int, figures: Logs) -> str:
        try:
            return self.filepath.format(epoch=epoch, **figures)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(
                f"filepath={self.filepath!r} cannot be filled in ({error}): there are epoch, "
                f"{', '.join(figures)}."
            ) from None


class CSVLogger(Callback):
    """Write the figures of each epoch to a CSV file, as soon as they are known.

    Parameters
    ----------
    filename : str or path
        The file, which is replaced.

    append : bool, default=False
        Whether lines are added to what is there instead.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from skarma import nn
    >>> model = nn.Sequential([nn.Dense(1)], random_state=0)
    >>> model.compile("sgd", "squared_error")
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "log.csv"
    >>> history = model.fit([[0.0], [1.0]], [0, 1], callbacks=[nn.CSVLogger(path)], verbose=0)
    >>> path.read_text().splitlines()[0]
    'epoch,loss'
    """

    def __init__(self, filename: str | os.PathLike[str], append: bool = False) -> None:
        self.filename = filename
        self.append = append
        self._file: TextIO | None = None
        self._writer: csv.DictWriter[str] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Open the file."""
        self._writer = None
        self._file = open(self.filename, "a" if self.append else "w", newline="")  # noqa: SIM115

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write a line."""
        assert self._file is not None
        if self._writer is None:
            self._writer = csv.DictWriter(self._file, ["epoch", *(logs or {})])
            if self._file.tell() == 0:
                self._writer.writeheader()
        self._writer.writerow({"epoch": epoch, **(logs or {})})
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        self._file = self._writer = None


class LearningRateScheduler(Callback):
    """Set the learning rate before each epoch.

    Parameters
    ----------
    schedule : callable
        Is given the number of the epoch, from 0, and the rate so far, and returns the rate.

    Examples
    --------
    >>> from skarma import nn
    >>> halving = nn.LearningRateScheduler(lambda epoch, rate: 0.5 * rate if epoch else rate)
    >>> halving.schedule(1, 0.1)
    0.05
    """

    def __init__(self, schedule: Callable[[int, float], float]) -> None:
        self.schedule = schedule

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Set the rate."""
        self.model.learning_rate = self.schedule(epoch, self.model.learning_rate)
