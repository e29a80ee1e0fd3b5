"""A native search or cross-validation of networks behind any transformers.

Each distinct prefix, the transformers with their parameters, is fitted once to each fold; the
networks of all candidates that share it are then trained natively on what comes out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from scipy.sparse import issparse, vstack
from sklearn.pipeline import Pipeline

from skarma._fallback import FallbackReason as Why
from skarma._fallback import NotNative, require
from skarma._native_job import (
    NativeJob,
    draws_undone,
    folds_of,
    global_state,
    n_jobs_of,
    require_turns,
)
from skarma._native_search import Folds, weights_of
from skarma._prefix_plan import AnyPipeline, Plan, Prefix
from skarma._prefixes import FittedPrefix

#: What the outputs of a prefix may take that are stacked for one native call: while they are
#: stacked, they are there twice, and beside them is what has come out of one fold more. A fold
#: whose own are larger has a call of its own.
MOST_BYTES = 2**30

# What of a pipeline itself only scikit-learn's path can do is not cured by another way to fit it.
_OF_TRANSFORMERS = frozenset(
    (
        Why.TRANSFORMER,
        Why.CANDIDATE,
        Why.SAMPLES,
        Why.FIT_PARAMETERS,
        Why.REFUSED,
    )
)


def natively(estimator: Any, owners: Any, work: Any) -> Any:
    """What `work(False)` comes to, or for a pipeline whose transformers the library has not, or not
    in the way that they are to be used, `work(True)`: these are scikit-learn's then. Raises
    NotNative.
    """
    try:
        with draws_undone(*owners):
            return work(False)
    except NotNative as reason:
        if type(estimator) is not Pipeline or reason.why.code not in _OF_TRANSFORMERS:
            raise
    return work(True)


class PrefixedFit:
    """A fit of a search or a cross-validation behind a prefix, as `DoneFit` is one without.

    Parameters
    ----------
    candidate : int
        The candidate's number.

    prefix : FittedPrefix
        What the network stands behind, and how long that took: the candidate alone would need it.

    done : DoneFit, default=None
        What became of the network; None if the prefix failed.
    """

    def __init__(self, candidate: int, prefix: FittedPrefix, done: Any = None) -> None:
        self.candidate, self.fold, self.prefix = candidate, prefix.fold, prefix
        self.fit_time, self.score_time = prefix.fit_time, prefix.score_time
        self.is_doubtful, self.n_iter = prefix.is_judged, 0
        self.warning, self.test_scores, self.train_scores = "", [], []
        self._done = done
        if done is not None:
            self.fit_time += done.fit_time
            self.score_time += done.score_time
            self.is_doubtful |= done.is_doubtful
            self.n_iter, self.warning = done.n_iter, done.warning
            self.test_scores, self.train_scores = done.test_scores, done.train_scores

    def raise_error(self) -> None:
        """Raise what the network's fit has failed with, if it has."""
        if self._done is not None:
            self._done.raise_error()

    def mlp(self) -> Any:
        """The fitted native network, if it was kept."""
        return self._done.mlp()


class _RunningFits:
    """The fits of a search that runs, and those that nobody need do any more."""

    def __init__(self, left_out: Any) -> None:
        self.left_out = set(left_out)
        self.all: Any = None

    def __iter__(self) -> Any:
        return iter(self.all)

    def leave_out(self, fits: list[int]) -> None:
        """Start none of these any more: numbers, candidate * n_folds + fold."""
        self.left_out.update(fits)


class PrefixedJob:
    """The fits of networks behind prefixes, ready to run, as `NativeJob` is of those without.

    Parameters
    ----------
    plan : Plan
        What is fitted.

    X, y : array-like
        All samples and their targets.

    splits : Folds
        The rows that each fold trains on, and tests.

    y_of_fits : array-like
        The targets as transformers are given them.

    given : FitParameters
        What comes with the samples.

    metrics : Metrics
        What is scored.

    n_jobs : int or None
        The thread budget of the networks' fits.

    options : dict
        What else `NativeJob` takes.
    """

    def __init__(
        self,
        plan: Plan,
        X: Any,
        y: Any,
        splits: Folds,
        y_of_fits: Any,
        given: Any,
        *,
        metrics: Any,
        n_jobs: Any,
        **options: Any,
    ) -> None:
        self._metrics = metrics
        self._plan, self._X, self._splits, self._given = plan, X, splits, given
        self._y = y if y_of_fits is None else y_of_fits
        self._targets_of = plan.whole.network.encoder(y)
        self._weights = weights_of(given.sample_weight, len(y))
        self._options = {"n_jobs": n_jobs} | options
        self.networks = plan.networks
        is_single = effective_n_jobs(n_jobs) == 1
        are_unseeded = any(steps.network.random_state is None for steps in plan.networks)
        self.in_sequence = is_single and are_unseeded
        self.in_order = is_single and len(plan.networks) == 1
        require(
            plan.in_order or not self.in_sequence,
            Why.RANDOM_STATE,
            "networks draw from NumPy's generator in the order of candidates, not of prefixes",
        )
        self._first: Any = None

    def begin(self) -> None:
        """Fit the first prefix to the first fold, before anything is said of fits: if it draws from
        NumPy's generator, there are none. Raises NotNative.
        """
        self._first = self._fitted(self._plan.prefixes[0], 0)

    def search(
        self, _candidates: Any, judged_folds: Any, left_out: Any = None, order_seed: Any = None
    ) -> Any:
        """The fits of all candidates, as they are done, but for those that are left out."""

        def start(job: Any, networks: Any, chunk: Any, judged: Any, done: Any) -> Any:
            return job.search(networks.values, judged, done or None)

        return self._run(judged_folds, start, left_out, order_seed)

    def cross_validate(self, keep_mlps: bool, _feature_names: Any, judged_folds: Any) -> Any:
        """The fits of all folds, as they are done."""

        def start(job: Any, networks: Any, chunk: Any, judged: Any, done: Any) -> Any:
            names = chunk[0].names
            return job.cross_validate(keep_mlps, [] if names is None else list(names), judged)

        return self._run(judged_folds, start)

    @contextmanager
    def _run(
        self, judged_folds: Any, start: Any, left_out: Any = None, order_seed: Any = None
    ) -> Iterator[Any]:
        prefixes = list(self._plan.prefixes)
        if order_seed is not None:
            random.Random(order_seed).shuffle(prefixes)
        fits = _RunningFits(left_out or ())
        fits.all = self._fits(prefixes, judged_folds, start, fits.left_out)
        with closing(fits.all):
            yield fits

    def _fits(
        self, prefixes: list[Prefix], judged_folds: Any, start: Any, left_out: set[int]
    ) -> Generator[PrefixedFit, None, None]:
        def is_left_out(candidate: int, fold: int) -> bool:
            return candidate * len(self._splits) + fold in left_out

        for prefix in prefixes:
            for chunk in self._chunks(prefix, is_left_out):
                if chunk[0].error is not None:
                    for candidate in prefix.candidates:
                        if not is_left_out(candidate, chunk[0].fold):
                            yield PrefixedFit(candidate, chunk[0])
                    continue
                judged = [fitted.is_judged or judged_folds[fitted.fold] for fitted in chunk]
                arguments = self._stacked(chunk)
                for networks in prefix.networks.values():
                    steps = [self.networks[candidate].network for candidate in networks.candidates]
                    there = [
                        number * len(chunk) + place
                        for number, candidate in enumerate(networks.candidates)
                        for place, fitted in enumerate(chunk)
                        if is_left_out(candidate, fitted.fold)
                    ]
                    if len(there) == len(networks.candidates) * len(chunk):
                        continue
                    job = NativeJob(networks=steps, mlp=networks.native, **arguments)
                    with start(job, networks, chunk, judged, there) as fits:
                        for done in fits:
                            candidate = networks.candidates[done.candidate]
                            yield PrefixedFit(candidate, chunk[done.fold], done)

    def _chunks(
        self, prefix: Prefix, is_left_out: Callable[[int, int], bool]
    ) -> Iterator[list[FittedPrefix]]:
        """Fitted folds that go into one native call; one that has failed is alone."""
        chunk: list[FittedPrefix] = []
        for fold in range(len(self._splits)):
            if all(is_left_out(candidate, fold) for candidate in prefix.candidates):
                continue
            fitted = None
            if prefix is self._plan.prefixes[0] and fold == 0:
                fitted, self._first = self._first, None
            if fitted is None:
                fitted = self._fitted(prefix, fold)
            if fitted.error is not None:
                if chunk:
                    yield chunk
                    chunk = []
                yield [fitted]
                continue
            fits_in = not chunk or (
                fitted.kind == chunk[0].kind
                and sum(other.n_bytes for other in (*chunk, fitted)) <= MOST_BYTES
            )
            if not fits_in:
                several = any(len(ns.candidates) > 1 for ns in prefix.networks.values())
                require(
                    not (self.in_sequence and several),
                    Why.RANDOM_STATE,
                    "networks draw from NumPy's generator by candidates, but folds go one by one",
                )
                yield chunk
                chunk = []
            chunk.append(fitted)
        if chunk:
            yield chunk

    def _fitted(self, prefix: Prefix, fold: int) -> FittedPrefix:
        before = global_state()
        networks = next(iter(prefix.networks.values()))
        fitted = FittedPrefix(
            prefix.pipeline,
            networks.steps.mlp,
            self._X,
            self._y,
            fold,
            self._splits[fold],
            self._given.of_transformers,
            tests=bool(self._metrics.native),
            trains_again=bool(self._metrics.native) and self._options["return_train_score"],
        )
        require(
            global_state() == before,
            Why.TRANSFORMER,
            "a transformer draws from NumPy's generator, anew for each fit",
        )
        return fitted

    def _stacked(self, chunk: list[FittedPrefix]) -> Any:
        """The folds' samples as one matrix with folds of its own, and what belongs to them."""
        parts = [part for fitted in chunk for part in (fitted.train, fitted.test)]
        x = vstack(parts, format="csr") if issparse(parts[0]) else np.concatenate(parts)
        rows = np.concatenate([fitted.rows for fitted in chunk])
        folds, start = [], 0
        for fitted in chunk:
            middle, end = start + fitted.train.shape[0], start + len(fitted.rows)
            folds.append(
                tuple(
                    np.arange(*ends, dtype=np.uint32) for ends in ((start, middle), (middle, end))
                )
            )
            start = end
            fitted.free()
        return self._options | {
            "transformers": [],
            "mlp_name": "",
            "x": x,
            "y": self._targets_of(rows),
            "sample_weight": None if self._weights is None else self._weights[rows],
            "metrics": self._metrics.native,
            "is_multimetric": self._metrics.are_several and bool(self._metrics.native),
            "weight_scores": bool(self._metrics.score_params),
            "folds": folds,
        }


def prepared_behind_prefixes(
    whole: AnyPipeline,
    candidates: Any,
    X: Any,
    y: Any,
    cv: Any,
    given: Any,
    *,
    n_jobs: Any,
    lazy_cv: bool = False,
    y_of_fits: Any = None,
    **options: Any,
) -> Any:
    """The job over the folds of `cv`, and these Folds, as `prepared` gives them without prefixes.

    `y_of_fits` are the targets as transformers are given them, if these are others. Raises
    NotNative.
    """
    n_jobs = n_jobs_of(n_jobs)
    plan = Plan(whole, candidates)
    splits, drawn = folds_of(cv, X, y, given, whole.original, lazy_cv)
    job = PrefixedJob(plan, X, y, splits, y_of_fits, given, n_jobs=n_jobs, **options)
    require_turns(job, lazy_cv and drawn)
    return job, splits
