"""A native cross-validation that is ready to run, and the random generators that it shares."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from joblib.parallel import (
    LokyBackend,
    SequentialBackend,
    ThreadingBackend,
    get_active_backend,
)
from sklearn.utils import check_random_state

from skarma import _native
from skarma._fallback import NOT_WANTED, NotNative, require
from skarma._fallback import FallbackReason as Why
from skarma._native_search import (
    Folds,
    weights_of,
)
from skarma._network_step import state_of


def native_or_reason(native: str, owners: Any, work: Any) -> Any:
    """What the work comes to, and None; or None, and the Fallback to scikit-learn's path.

    `native` is 'auto', 'require' or 'never'. Errors of that path, taken outside of any `except`,
    carry no traceback of ours. Raises NotNativeError.
    """
    if native == "never":
        return None, NOT_WANTED
    try:
        with draws_undone(*owners):
            return work(), None
    except NotNative as reason:
        why = reason.why
    return None, why.refused(native)


@contextmanager
def draws_undone(*owners: Any, always: bool = False) -> Iterator[Any]:
    """Let scikit-learn's path find all generators as they were, where it is to run after all, or
    whatever comes next, always.

    They are NumPy's global one and those that the owners have as `random_state`.
    """
    seeds = [None, *(getattr(owner, "random_state", None) for owner in owners)]
    generators = [
        check_random_state(seed)
        for seed in seeds
        if seed is None or isinstance(seed, np.random.RandomState)
    ]
    before = [(generator, generator.get_state(legacy=False)) for generator in generators]
    undone = always
    try:
        yield
    except NotNative:
        undone = True
        raise
    finally:
        if undone:
            for generator, state in before:
                generator.set_state(state)


class NativeJob:
    """A native cross-validation that is ready to run, and its share in NumPy's global generator.

    Networks without a random_state draw from that generator one after another, as in scikit-learn,
    where there is one job. With several jobs scikit-learn's workers have generators of their own,
    so that there is nothing to be equal to: every fit then has a fresh one.
    """

    def __init__(self, *, networks: Any, n_jobs: Any, **arguments: Any) -> None:
        unseeded = any(network.random_state is None for network in networks)
        self.in_order = effective_n_jobs(n_jobs) == 1
        self.in_sequence = unseeded and self.in_order
        self._job = _native.CrossValidation(
            **arguments,
            n_jobs=1 if self.in_sequence else n_jobs,
            random_state=state_of(None) if self.in_sequence else None,
        )

    def begin(self) -> None:
        """Do what may show that fits are for scikit-learn's path after all: nothing."""

    def search(
        self, candidates: Any, judged_folds: Any, left_out: Any = None, order_seed: Any = None
    ) -> Any:
        """The fits of all candidates, as they are done, but for those that are left out."""
        return self._run(self._job.search, candidates, judged_folds, left_out, order_seed)

    def cross_validate(self, keep_mlps: bool, feature_names: Any, judged_folds: Any) -> Any:
        """The fits of all folds, as they are done."""
        return self._run(self._job.cross_validate, keep_mlps, feature_names, judged_folds)

    @contextmanager
    def _run(self, start: Any, *arguments: Any) -> Iterator[Any]:
        fits = start(*arguments)
        try:
            yield fits
        finally:
            fits.close()
            if self.in_sequence:
                check_random_state(None).set_state(self._job.random_state)


def n_jobs_of(n_jobs: Any) -> Any:
    """The number of jobs that joblib would run: its configuration counts where none is given.

    A backend that somebody has chosen runs the fits itself: it is for scikit-learn's path.
    """
    backend, configured = get_active_backend()
    ours = isinstance(backend, (LokyBackend, SequentialBackend))
    inside = isinstance(backend, ThreadingBackend) and backend.nesting_level > 0
    require(ours or inside, Why.BACKEND, f"joblib's active backend is {type(backend).__name__}")
    return configured if n_jobs is None else n_jobs


def _share_a_generator(cv: Any, estimator: Any) -> Any:
    generator = getattr(cv, "random_state", None)
    is_one = isinstance(generator, np.random.RandomState)
    return is_one and any(value is generator for value in estimator.get_params().values())


def global_state() -> Any:
    """The states of NumPy's generator, of whatever kind, and of Python's, to be compared."""
    return pickle.dumps((check_random_state(None).get_state(legacy=False), random.getstate()))


def folds_of(cv: Any, X: Any, y: Any, given: Any, estimator: Any, lazy_cv: bool) -> Any:
    """The Folds of a splitter, and whether it has drawn from NumPy's generator."""
    shared = lazy_cv and _share_a_generator(cv, estimator)
    require(not shared, Why.RANDOM_STATE, "cv and network share a generator")
    before = global_state()
    splits = Folds(cv.split(X, y, **given.split), len(y))
    return splits, global_state() != before


def require_turns(job: Any, cv_draws: bool) -> None:
    """Refuse a lazy cv that draws from the generator from which the fits draw, one by one."""
    require(
        not (cv_draws and job.in_sequence),
        Why.RANDOM_STATE,
        "cv and networks draw from NumPy's generator in turns",
    )


def prepared(
    steps: Any,
    prototype: Any,
    candidates: Any,
    X: Any,
    y: Any,
    cv: Any,
    given: Any,
    *,
    metrics: Any,
    n_jobs: Any,
    lazy_cv: Any = False,
    **options: Any,
) -> Any:
    """The native job over the folds of `cv`, and these Folds. Raises NotNative.

    `prototype` is the native network in the state from which all fits start, `candidates` are the
    Steps of all candidates, `given` the FitParameters, `metrics` the Metrics. A lazy cv draws each
    fold when the fit before is done, which matters where both draw from one generator.
    """
    n_jobs = n_jobs_of(n_jobs)
    x = steps.network.samples(X)
    targets = steps.network.targets(y)
    weights = weights_of(given.sample_weight, x.shape[0])
    splits, drawn = folds_of(cv, X, y, given, steps.mlp, lazy_cv)
    n_train = [splits.n_train(fold) for fold in range(len(splits))]
    for candidate in candidates:
        candidate.require_fits_to(x, n_train)
    job = NativeJob(
        networks=[candidate.network for candidate in candidates],
        n_jobs=n_jobs,
        transformers=steps.native_transformers(),
        mlp_name=steps.mlp_name,
        mlp=prototype,
        x=x,
        y=targets,
        sample_weight=weights,
        metrics=metrics.native,
        is_multimetric=metrics.are_several and bool(metrics.native),
        weight_scores=bool(metrics.score_params),
        folds=splits.native(),
        **options,
    )
    require_turns(job, lazy_cv and drawn)
    return job, splits
