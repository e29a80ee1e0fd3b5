"""Candidates of a search that differ in `epochs` alone, scored from one training.

The weights at the end of epoch e of a longer training are, bit by bit, those of a training of e
epochs, unless the schedule of the learning rate needs to know how many there will be.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from typing import Any

import numpy as np
from joblib import effective_n_jobs, parallel_config
from joblib.parallel import LokyBackend, SequentialBackend, get_active_backend
from numpy.typing import NDArray
from sklearn.base import clone

from skarma import _native
from skarma._native_search import final_step
from skarma.nn.callbacks import Callback, History
from skarma.nn.estimators import Classifier, Regressor
from skarma.nn.sequential import Sequential

Rest = dict[str, Any]
"""Parameters but for the number of epochs."""


class SearchEnded(RuntimeError):
    """Ends the trainings of a search that an error or Ctrl-C has ended."""


class _EndsWithSearch(Callback):
    """Ends a training in another thread, which no signal reaches."""

    def __init__(self, runs: EpochRuns) -> None:
        self.runs = runs

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.runs.is_over:
            self.model.stop_training = True


class _Snapshots(Callback):
    """Keeps the weights after some epochs."""

    def __init__(self, epochs: Iterable[int]) -> None:
        self.wanted = frozenset(epochs)
        self.weights: dict[int, NDArray[Any]] = {}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch + 1 in self.wanted:
            # In the network's own type, which loses nothing: a search keeps many.
            packed = self.model._running().packed()
            self.weights[epoch + 1] = packed.astype(self.model.dtype)


class _Run:
    """What one training has to give: networks by their number of epochs."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.has_failed = False
        self.model: Sequential | None = None
        self.weights: dict[int, NDArray[Any]] = {}

    def train(
        self,
        model: Sequential,
        arguments: tuple[Any, ...],
        epochs: set[int],
        callbacks: list[Callback],
        options: Rest,
    ) -> None:
        snapshots = _Snapshots(epochs)
        try:
            samples, targets, batch_size, verbose = arguments
            model.fit(
                samples,
                targets,
                batch_size,
                max(epochs),
                verbose,
                callbacks=[snapshots, *callbacks],
                **options,
            )
        except Exception:
            self.has_failed = True  # those that end before it happens may be right by themselves
            return
        self.model, self.weights = model, snapshots.weights

    def after(self, epochs: int) -> Sequential | None:
        """The network as it was then."""
        weights = self.weights.get(epochs)
        if self.model is None or weights is None:
            return None
        model = copy(self.model)
        model._made().set_weights(weights.astype(np.float64))
        model.history = History()
        model.history.epoch = self.model.history.epoch[:epochs]
        model.history.history = {k: v[:epochs] for k, v in self.model.history.history.items()}
        return model


def _digest(*arrays: Any) -> bytes | None:
    """Of their types, shapes and numbers; None for what has none."""
    digest = hashlib.blake2b(digest_size=16)
    for one in arrays:
        array = np.asarray(one if one is not None else [])
        if array.dtype.kind not in "buif":
            return None
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()


def _are_same(one: Any, other: Any) -> bool:
    """Equal and of the same types: 1 and True may lead to different networks."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_are_same(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_are_same, one, other))
    try:
        return bool(one == other)
    except (TypeError, ValueError):  # as of arrays
        return False


def _is_whole(epochs: Any) -> bool:
    """Whether a fit takes such a number of epochs."""
    is_int = isinstance(epochs, (int, np.integer)) and not isinstance(epochs, bool)
    return is_int and bool(epochs >= 1)


class EpochRuns:
    """The trainings of one search. Threads may share it."""

    def __init__(self, name: str) -> None:
        self.name = name  # of the parameter: "epochs", or "step__epochs" of a pipeline
        self.n_trainings = 0
        self.n_scored = 0
        self.reason: str | None = None
        self.is_over = False  # whether an error or Ctrl-C has ended the search
        self._is_open = False
        self._lock = threading.Lock()
        self._groups: list[tuple[Rest, set[int]]] = []
        self._runs: dict[tuple[int, bytes], _Run] = {}

    @contextmanager
    def of(self, estimator: Any, candidates: list[Rest]) -> Iterator[None]:
        """Share trainings among these candidates, for the length of the block."""
        self._groups = self._grouped(estimator, candidates)
        self._is_open = bool(self._groups)
        try:
            yield
        finally:
            self._is_open = False
            self._runs.clear()

    def _refuse(self, reason: str) -> None:
        with self._lock:
            self.reason = self.reason or reason

    def _grouped(self, estimator: Any, candidates: list[Rest]) -> list[tuple[Rest, set[int]]]:
        """The final step's parameters but for epochs, and the numbers of epochs that go with them.

        Empty where trainings cannot be shared.
        """
        whole: list[tuple[Rest, set[int], Rest]] = []
        for candidate in candidates:
            try:
                made = clone(estimator).set_params(**clone(candidate, safe=False))
                final = final_step(made)
                rest, epochs = _rest(final), final.epochs
            except Exception:  # its fit says what is wrong
                continue
            if not _is_whole(epochs):
                continue
            if not _are_same(rest, _rest(clone(final))):
                self._refuse("a parameter is not equal to its copy")
                return []
            others = {k: v for k, v in candidate.items() if k != self.name}
            for known, numbers, _ in whole:
                if _are_same(known, others):
                    numbers.add(int(epochs))
                    break
            else:
                whole.append((others, {int(epochs)}, rest))
        groups: list[tuple[Rest, set[int]]] = []
        for _, numbers, rest in whole:
            twins = [wanted for known, wanted in groups if _are_same(known, rest)]
            if any(wanted != numbers for wanted in twins):
                self._refuse("other steps of the pipeline have other numbers of epochs")
                return []
            if not twins:
                groups.append((rest, numbers))
        return [group for group in groups if len(group[1]) > 1]

    def callbacks(self) -> list[Callback]:
        """Those of every training of the search."""
        return [_EndsWithSearch(self)]

    def go_on(self) -> None:
        """Raise SearchEnded if an error or Ctrl-C has ended the search."""
        if self.is_over:
            raise SearchEnded("The search has been ended.")

    def trained(
        self, estimator: Any, model: Sequential, samples: Any, targets: Any, weights: Any
    ) -> Sequential | None:
        """The network that a fit of this estimator comes to; None: it is to be fitted by itself."""
        self.go_on()
        if not self._is_open or not _is_whole(estimator.epochs):
            return None
        rest = _rest(estimator)
        places = [i for i, (known, _) in enumerate(self._groups) if _are_same(known, rest)]
        if not places or estimator.epochs not in self._groups[places[0]][1]:
            return None
        epochs = self._groups[places[0]][1]
        schedule = model._compiled[0].schedule if model._compiled else ""
        if _native.needs_n_epochs(schedule):
            self._refuse(f"the schedule {schedule!r} needs the number of epochs")
            return None
        digest = _digest(samples, targets, weights)
        if digest is None:
            self._refuse("samples are not an array of numbers")
            return None
        with self._lock:
            run = self._runs.setdefault((places[0], digest), _Run())
        with run.lock:
            if run.model is None and not run.has_failed:
                with self._lock:
                    self.n_trainings += 1
                options = {"sample_weight": weights, "augment": estimator.augment}
                arguments = samples, targets, estimator.batch_size, estimator.verbose
                run.train(model, arguments, epochs, self.callbacks(), options)
            self.go_on()
            done = run.after(int(estimator.epochs))
        if done is None:
            self._refuse("a training failed before its last epoch")
            return None
        with self._lock:
            self.n_scored += 1
        return done

    def told(self, reason: str) -> str:
        """What `search_path_` says."""
        if self.n_scored:
            reason += (
                f"; fits that differ in {self.name} alone are of one training: "
                f"{self.n_trainings} trainings for {self.n_scored} fits"
            )
        if self.reason:
            reason += f"; numbers of epochs are trained one by one: {self.reason}"
        return reason


def _rest(estimator: Any) -> Rest:
    return {k: v for k, v in estimator.get_params(deep=False).items() if k != "epochs"}


def _threads(n_jobs: Any, runs: EpochRuns) -> Any:
    """What makes joblib run the fits in threads, which share trainings; None where it may not."""
    backend, configured = get_active_backend()
    if effective_n_jobs(n_jobs) == 1:
        return nullcontext()
    if isinstance(backend, (LokyBackend, SequentialBackend)) or getattr(
        backend, "supports_sharedmem", False
    ):
        return parallel_config("threading", n_jobs=configured)
    runs._refuse(f"joblib's active backend is {type(backend).__name__}")
    return None


def runs_of(estimator: Any) -> EpochRuns | None:
    """Those that an estimator, or the last step of a pipeline, takes part in."""
    runs: EpochRuns | None = getattr(final_step(estimator), "_runs", None)
    return runs


@contextmanager
def shared(search: Any, parameter_names: set[str]) -> Iterator[EpochRuns | None]:
    """Let a search over networks of `skarma.nn` share trainings, where it varies `epochs`.

    Its estimator is another one meanwhile, whose clones know the runs.
    """
    own = search.estimator
    name = f"{own.steps[-1][0]}__epochs" if final_step(own) is not own else "epochs"
    if type(final_step(own)) not in (Classifier, Regressor) or name not in parameter_names:
        yield None
        return
    runs = EpochRuns(name)
    threads = _threads(search.n_jobs, runs)
    if threads is None:
        yield runs
        return
    other = clone(own)
    final_step(other)._runs = runs
    search.estimator = other
    try:
        with threads:
            yield runs
    except BaseException:
        runs.is_over = True
        raise
    finally:
        search.estimator = own
        best = getattr(search, "best_estimator_", None)
        if best is not None:
            final_step(best).__dict__.pop("_runs", None)
