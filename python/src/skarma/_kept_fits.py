"""Networks of a halving search by epochs that go on from rung to rung, instead of from the start.

A network that trains on with its weights, moments, learning rate and generator has, bit by bit,
what one training of all these epochs comes to.
"""

from __future__ import annotations

import time
from copy import deepcopy
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed

from skarma import _native
from skarma._native_fits import NativeFits, Rows, Rung
from skarma._native_job import n_jobs_of
from skarma._native_search import Steps
from skarma._native_values import native_samples
from skarma._sklearn_networks import FULL_BATCH_SOLVERS
from skarma._sklearn_private import _safe_split


def check_can_go_on(network: Any) -> None:
    """Raise ValueError for a network that cannot train on as if it had never stopped."""
    refused = {
        f"solver={network.solver!r}, which has no minibatches": network.solver
        in FULL_BATCH_SOLVERS,
        "early_stopping=True, which holds out samples anew": network.early_stopping,
        "random_state=None: give the network a seed": network.random_state is None,
        f"learning_rate={network.learning_rate!r}, which needs the number of epochs": (
            _native.needs_n_epochs(str(network.learning_rate))
        ),
        "dropout, which draws anew": np.any(network.dropout),
        "noise, which draws anew": np.any(network.noise),
        f"n_init={network.n_init}": network.n_init != 1,
        f"n_members={network.n_members}": network.n_members != 1,
        f"device={network.device!r}": network.device != "cpu",
    }
    for what, is_refused in refused.items():
        if is_refused:
            raise ValueError(f"keep_state=True cannot go on with {what}.")


class _State:
    """A network in training, and where it draws from."""

    def __init__(self, network: Any) -> None:
        self.generator = deepcopy(check_random_state(network.random_state))
        self.model: Any = None
        self.transformers: list[Any] = []
        self.n_epochs = self.n_iter = 0  # asked for, and done
        self.has_ended = False  # by itself
        self.warning = ""
        self.order: Any = None  # in which the last epoch took the samples; None: as they lie

    def train(self, network: Any, X: Any, y: Any, weights: Any, observer: Any) -> None:
        """Train on. Raises RuntimeError where the order of the samples cannot be told.

        An epoch shuffles the order of the epoch before, and a fit begins with that in which the
        samples lie: they are put into the order of the last epoch.
        """
        before, after = deepcopy(self.generator), self.n_epochs
        if self.order is not None:
            X, y = X[self.order], y[self.order]
            weights = None if weights is None else weights[self.order]
        y = network._target(y)
        self.model.fit(native_samples(X), y, weights, [], self.generator, observer, {})
        self.n_iter += self.model.n_iter
        self.has_ended = self.model.stop_reason != "max_iter"
        of_all = f"({self.n_epochs + network.max_iter})"
        self.warning = self.model.fit_warning.replace(f"({network.max_iter})", of_all)
        if not network.shuffle:
            return
        if not after:
            n_drawn = sum(a.size for a in (*self.model.coefs(), *self.model.intercepts()))
            before.uniform(size=n_drawn)
        order, last = np.arange(X.shape[0]), self.order
        for _ in range(self.model.n_iter):
            indices = np.arange(X.shape[0])
            before.shuffle(indices)
            order = order[indices]
        if not _are_equal(before, self.generator):
            raise RuntimeError("The order of the samples of the last epoch is not known.")
        self.order = order if last is None else last[order]


def _are_equal(one: Any, other: Any) -> bool:
    """Whether two generators draw the same next."""
    [mine, others] = (g.get_state(legacy=False)["state"] for g in (one, other))
    return bool(mine["pos"] == others["pos"] and np.array_equal(mine["key"], others["key"]))


class _Done:
    """A fit as a Rung's job would hand it over; scikit-learn's scorers score it."""

    is_doubtful = True
    score_time = 0.0
    test_scores: tuple[float, ...] = ()
    train_scores = test_scores

    def __init__(self, candidate: int, fold: int) -> None:
        self.candidate, self.fold = candidate, fold
        self.n_iter, self.fit_time, self.warning = 0, 0.0, ""
        self.error: Exception | None = None
        self._model: Any = None

    def take(self, state: _State) -> None:
        """What a training has come to; its warning is of all epochs."""
        self._model, self.n_iter, self.warning = state.model.copy(), state.n_iter, state.warning

    def raise_error(self) -> None:
        if self.error is not None:
            raise self.error

    def mlp(self) -> Any:
        return self._model


class KeptStates:
    """The networks of the last rung, by candidate and fold.

    Parameters
    ----------
    fits : NativeFits
        The search that they belong to.

    resource : str
        The parameter of the estimator that is the number of epochs.
    """

    def __init__(self, fits: NativeFits, resource: str) -> None:
        self.fits, self.resource = fits, resource
        self._states: dict[Any, _State] = {}
        self._next: dict[Any, _State] = {}

    def rung(self, rung: Rung) -> Rung:
        """The same candidates, whose networks go on from the rung before."""
        return _KeptRung(rung, self)

    def n_epochs_before(self, candidates: Any) -> list[int]:
        """How many epochs each of these candidates has behind it."""
        known = {key[0]: state.n_epochs for key, state in self._states.items()}
        return [known.get(self._key(candidate), 0) for candidate in candidates]

    def _key(self, candidate: Any) -> Any:
        # Rungs copy the candidates; their values are the same objects.
        return tuple((n, id(v)) for n, v in sorted(candidate.items()) if n != self.resource)

    def take(self, candidate: Any, fold: int, network: Any) -> _State:
        """The state that a fit goes on from, which nothing else has then."""
        return self._states.pop((self._key(candidate), fold), None) or _State(network)

    def put(self, candidate: Any, fold: int, state: _State) -> None:
        self._next[self._key(candidate), fold] = state

    def end_rung(self) -> None:
        """Let the networks go that nobody has gone on with."""
        self._states, self._next = self._next, {}


class _KeptRung(Rung):
    """A rung whose networks go on, on threads that let go of the GIL."""

    def __init__(self, rung: Rung, kept: KeptStates) -> None:
        vars(self).update(vars(rung))
        self.kept, self._is_over = kept, False

    def run(self, rows: Rows, watch: Any, done: Any, journal: Any = None) -> None:
        n_jobs = n_jobs_of(self.kept.fits.search.n_jobs)
        parallel = Parallel(n_jobs=n_jobs, backend="threading", return_as="generator")
        places = [(c, f) for c in range(len(self.candidates)) for f in range(self.n_splits)]
        self._is_over = False
        try:
            for fit in parallel(delayed(self._fit)(*place) for place in places):
                candidate = fit.candidate
                with watch(fit):
                    row = self.reports.row(fit, self.mlps[candidate], self.candidates[candidate])
                rows[candidate, fit.fold] = row
                done(fit, row)
        finally:
            self._is_over = True
        self.kept.end_rung()

    def _look(self, *report: Any) -> None:
        """End a training in another thread, which no signal reaches, with the search."""
        if self._is_over:
            raise RuntimeError("The search has been ended.")

    def _fit(self, candidate: int, fold: int) -> _Done:
        done, start = _Done(candidate, fold), time.time()
        try:
            self._look()
            self._train(done)
        except Exception as error:
            done.error = error
        done.fit_time = time.time() - start
        return done

    def _train(self, done: _Done) -> None:
        candidate = self.candidates[done.candidate]
        state = self.kept.take(candidate, done.fold, self.mlps[done.candidate])
        n_added = candidate[self.kept.resource] - state.n_epochs
        if n_added > 0 and not state.has_ended:
            network, X, y, weights = self._samples(state, done)
            network.set_params(max_iter=n_added, warm_start=True, keep_optimizer=True)
            parameters = network._native_parameters()
            if state.model is None:
                state.model = network._native_class(parameters)
            else:
                state.model.set(parameters)
            state.train(network, X, y, weights, self._look)
        state.n_epochs = candidate[self.kept.resource]
        done.take(state)
        self.kept.put(candidate, done.fold, state)

    def _samples(self, state: _State, done: _Done) -> Any:
        """A network to fit, and what a fit of it is given."""
        fits = self.kept.fits
        train, _ = self.splits[done.fold]
        X, y = _safe_split(fits.estimator, fits.X, fits.y, train)
        y = np.asarray(y)
        y = y.ravel() if y.ndim == 2 and y.shape[1] == 1 else y
        estimator = clone(fits.estimator).set_params(
            **clone(self.candidates[done.candidate], safe=False)
        )
        steps = Steps(estimator)
        if state.model is None:
            state.transformers = [t for _, t in steps.transformers]
            for transformer in state.transformers:
                X = transformer.fit_transform(X)
        else:
            for transformer in state.transformers:
                X = transformer.transform(X)
        X, y = steps.mlp._checked_input(X, y, False, reset=True)
        weights = fits.given.sample_weight
        if weights is not None:
            weights = np.ascontiguousarray(np.asarray(weights)[train], dtype=np.float64)
        return steps.mlp, X, y, weights
