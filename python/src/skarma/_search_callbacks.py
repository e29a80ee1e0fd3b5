"""scikit-learn's callbacks (`sklearn.callback`, from 1.9 on) in native fits and searches.

They are told what scikit-learn's own path would tell them: of a search its fits, of a fit its
epochs, with the contexts' names of scikit-learn's `LogisticRegression` and `GridSearchCV`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from skarma._sklearn_networks import FULL_BATCH_SOLVERS
from skarma._sklearn_private import _safe_split
from skarma.callbacks import Callback


def has_callbacks(estimator: Any) -> bool:
    """Whether an estimator has callbacks of scikit-learn's."""
    return bool(getattr(estimator, "_skl_callbacks", None))


def _task_name(network: Any) -> Any:
    return f"{network.solver}-iter" if network.solver in FULL_BATCH_SOLVERS else "epoch"


class FitEvents(Callback):
    """Tells a network's callbacks of its epochs, or of the iterations of lbfgs and lm.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
        What is fitted.

    X, y : ndarray or sparse matrix, and ndarray
        Its samples and targets, checked.

    sample_weight : ndarray or None
        Their weights.
    """

    def __init__(self, estimator: Any, X: Any, y: Any, sample_weight: Any) -> None:
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self._estimator = estimator
        self._given = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self._is_full_batch = estimator.solver in FULL_BATCH_SOLVERS
        self._task: Any = None
        # As of LogisticRegression, whose last iteration by lbfgs is one that is never done.
        n_tasks = estimator.max_iter + (1 if self._is_full_batch else 0)
        n_fits = estimator.n_init * estimator.n_members
        self._root = estimator._init_callback_context(max_subtasks=n_tasks * n_fits)
        self._root.call_on_fit_task_begin(**self._given)

    def on_epoch_begin(self, fit: Any) -> None:
        """Begin a task."""
        self._task = self._root.subcontext(_task_name(self._estimator))
        self._task.call_on_fit_task_begin(**self._given, reconstruction_attributes=fit.weights)

    def on_epoch(self, fit: Any) -> Any:
        """End it, and the fit if a callback says so."""
        task, self._task = self._task, None
        return task.call_on_fit_task_end(**self._given, reconstruction_attributes=fit.weights)

    def on_end(self, fit: Any) -> None:
        """End the task that was not done."""
        if self._task is not None:
            self._task.call_on_fit_task_end(estimator=self._estimator)

    def end(self) -> None:
        """Say that the estimator is fitted."""
        self._root.call_on_fit_task_end(**self._given, reconstruction_attributes={})


def are_told(estimator: Any) -> bool:
    """Whether a fit has somebody to tell: callbacks, or a search of which it is a part."""
    return has_callbacks(estimator) or hasattr(estimator, "_parent_callback_ctx")


def cannot_be_told(search: Any, steps: Any) -> Any:
    """Why a native search could not tell its callbacks all that they would be told, or None."""
    if not has_callbacks(search):
        return None
    from sklearn.callback import AutoPropagatedCallback, ProgressBar

    for callback in search._skl_callbacks:
        if not isinstance(callback, AutoPropagatedCallback):
            continue
        if callback.max_propagation_depth == 0:
            continue
        if type(callback) is not ProgressBar:
            return f"{type(callback).__name__} may look at each epoch of a fit"
        if steps.mlp_name:
            return "ProgressBar shows the steps of the pipeline"
    return None


class NoRungEvents:
    """Fits that nobody watches."""

    def start(self) -> None:
        """Say nothing."""

    @contextmanager
    def fit(self, done: Any) -> Iterator[Any]:
        """Say nothing of a fit that is done."""
        yield


class NoEvents:
    """A search that nobody watches."""

    context: Any = None

    def rung(self, rung: Any, context: Any) -> Any:
        """Say nothing of candidates and their fits."""
        return NoRungEvents()

    def refit(self, estimator: Any) -> Any:
        """Say nothing of the last fit."""
        return nullcontext()

    def end_search(self) -> None:
        """Say nothing."""

    end = end_search


class SearchEvents(NoEvents):
    """Tells a search's callbacks of its fits.

    Parameters
    ----------
    search : GridSearchCV or its relatives
        What has the callbacks.

    fits : NativeFits
        Its native fits.
    """

    def __init__(self, search: Any, fits: Any) -> None:
        weights = fits.given.fit.get("sample_weight")
        metadata = None if weights is None else {"sample_weight": weights}
        self._search = search
        self._given = {"estimator": search, "X": fits.X, "y": fits.y, "metadata": metadata}
        n_tasks = 1 + (search.refit is not False)
        self.context = search._init_callback_context(max_subtasks=n_tasks)
        self.context.call_on_fit_task_begin(**self._given)
        self._task: Any = None

    def rung(self, rung: Any, context: Any) -> Any:
        """What is told of these candidates' fits: tasks of a context, or else of the search."""
        if context is None:
            n_fits = len(rung.candidates) * rung.n_splits
            self._task = context = self.context.subcontext(
                "search", max_subtasks=n_fits, sequential_subtasks=False
            )
            context.call_on_fit_task_begin(estimator=self._search)
        return RungEvents(self._search, self._given, rung, context)

    def end_search(self) -> None:
        """Say that all fits are done."""
        if self._task is not None:
            self._task.call_on_fit_task_end(estimator=self._search)

    @contextmanager
    def refit(self, estimator: Any) -> Iterator[Any]:
        """Tell of the fit of the best candidate, which is the block."""
        task = self.context.subcontext("refit-with-best-params")
        with task.propagate_callback_context(estimator):
            task.call_on_fit_task_begin(**self._given)
            yield
        task.call_on_fit_task_end(**self._given)

    def end(self) -> None:
        """Say that the search is done."""
        self.context.call_on_fit_task_end(**self._given)


class RungEvents(NoRungEvents):
    """Tells of the fits of candidates.

    Parameters
    ----------
    search : GridSearchCV or its relatives
        What has the callbacks.

    given : dict
        What they are told of the search.

    rung : Rung
        The candidates and their folds.

    context : object
        Whose tasks the fits are.
    """

    def __init__(self, search: Any, given: Any, rung: Any, context: Any) -> None:
        self._given, self._rung = given, rung
        self._n_fits = len(rung.candidates) * rung.n_splits
        self._fits = [
            context.subcontext("candidate-split-evaluation", task_id=number)
            for number in range(self._n_fits)
        ]
        self._n_begun = 0
        # What the fits' own callbacks are to be told is known when a fit is done.
        own = getattr(search, "_skl_callbacks", [])  # none in a pipeline that has none
        watches_fits = any(getattr(callback, "max_propagation_depth", 0) != 0 for callback in own)
        # With a journal nobody knows which fit is next: others may have done it.
        has_journal = getattr(search, "journal", None) is not None
        self._begins_early = rung.job.in_order and not watches_fits and not has_journal

    def start(self) -> None:
        """Begin the next fit of one thread."""
        if self._begins_early and self._n_begun < self._n_fits:
            self._begin(self._n_begun)

    def _begin(self, number: int) -> None:
        self._n_begun += 1
        self._fits[number].call_on_fit_task_begin(**self._given_of(number))

    def _given_of(self, number: int) -> Any:
        """What a fit learns from, for callbacks that ask for it."""
        reports = self._rung.reports
        fold = number % self._rung.n_splits

        def part(place: Any) -> Any:
            train, _ = reports.splits[fold]
            return _safe_split(reports.estimator, reports.X, reports.y, train)[place]

        return self._given | {"X": lambda: part(0), "y": lambda: part(1)}

    @contextmanager
    def fit(self, done: Any) -> Iterator[Any]:
        """Tell of a fit that is done, once the block has made its row, and begin the next one."""
        number = done.candidate * self._rung.n_splits + done.fold
        task = self._fits[number]
        network = self._rung.mlps[done.candidate]
        try:
            with task.propagate_callback_context(network):
                if not self._begins_early:
                    self._begin(number)
                if has_callbacks(network):
                    self._tell_epochs(network, done.n_iter)
            yield
        finally:
            task.call_on_fit_task_end(**self._given_of(number))
        self.start()

    @staticmethod
    def _tell_epochs(network: Any, n_iter: int) -> None:
        """The epochs of a fit for a progress bar, which looks at their number alone."""
        is_full_batch = network.solver in FULL_BATCH_SOLVERS
        root = network._init_callback_context(max_subtasks=network.max_iter + is_full_batch)
        root.call_on_fit_task_begin(estimator=network)
        for _ in range(n_iter + is_full_batch):
            task = root.subcontext(_task_name(network))
            task.call_on_fit_task_begin(estimator=network)
            task.call_on_fit_task_end(estimator=network)
        root.call_on_fit_task_end(estimator=network)
        del network._callback_fit_ctx, network._skl_callbacks_to_teardown


@contextmanager
def managed(estimator: Any) -> Iterator[Any]:
    """Tear an estimator's callbacks down, and its contexts, at the end of the block."""
    if not are_told(estimator):
        yield
        return
    from skarma._sklearn_private import callback_management_context

    with callback_management_context(estimator):
        yield
