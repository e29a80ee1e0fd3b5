"""The native side of learning_curve and validation_curve."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.utils import check_random_state

from skarma._fallback import FallbackReason as Why
from skarma._fallback import judged_by_sklearn, require
from skarma._native_cross_validation import routed_params
from skarma._native_fits import NativeFits, Rows, Rung
from skarma._prefix_job import natively
from skarma._search_progress import FitLines
from skarma._sklearn_private import _translate_train_sizes, _warn_or_raise_about_fit_failures


class _Curve:
    """What NativeFits asks a search for, of a function that has none."""

    return_train_score = True

    def __init__(
        self, estimator: Any, groups: Any, *, cv: Any, scoring: Any, n_jobs: Any, error_score: Any
    ) -> None:
        self.estimator, self.cv, self.scoring = estimator, cv, scoring
        self.n_jobs, self.error_score, self._groups = n_jobs, error_score, groups

    def _validate_params(self) -> None:
        """The function has checked them."""

    def _get_scorers(self) -> Any:
        return check_scoring(self.estimator, self.scoring), "score"

    def _get_routed_params_for_fit(self, params: Any) -> Any:
        scorers, _ = self._get_scorers()
        return routed_params(self.estimator, self.cv, scorers, self._groups, params)


class _Splits:
    """Folds that are cut already."""

    def __init__(self, splits: Any) -> None:
        self._splits = splits

    def split(self, X: Any, y: Any = None, **given: Any) -> Any:
        return self._splits


class _Lines(FitLines):
    """A fit's lines without its place among the others."""

    def _progress(self, candidate: Any, fold: int) -> Any:
        return ""


def _done(rung: Rung, verbose: int, candidates: Any) -> Rows:
    """The rows of all fits."""
    lines = _Lines(verbose, candidates, rung.n_splits, True, rung.job.in_order)
    rows: Rows = {}
    rung.job.begin()
    lines.start()
    rung.run(
        rows,
        lambda fit: nullcontext(),
        lambda fit, row: lines.end(fit.candidate, fit.fold, row),
    )
    return rows


def learning_scores(
    estimator: Any,
    data: Any,
    *,
    train_sizes: Any,
    exploit_incremental_learning: bool,
    shuffle: bool,
    random_state: Any,
    return_times: bool,
    verbose: int,
    **options: Any,
) -> Any:
    """What scikit-learn's learning_curve returns. Raises NotNative."""
    X, y, groups, params = data
    is_plain = not exploit_incremental_learning
    require(is_plain, Why.RESULT, "partial_fit goes on from one size to the next")

    def ready(behind_prefixes: bool) -> Any:
        curve = _Curve(estimator, groups, **options)
        fits = NativeFits(curve, X, y, params or {}, behind_prefixes)
        with judged_by_sklearn():
            cut = list(fits.cv.split(fits.X, fits.y, **fits.given.split))
            sizes = _translate_train_sizes(train_sizes, len(cut[0][0]))
            rng = check_random_state(random_state) if shuffle else None
            splits = []
            for train, test in cut:
                order = train if rng is None else rng.permutation(train)
                splits += [(order[:size], test) for size in sizes]
        fits.n_splits = len(splits)
        return fits.of([{}], _Splits(splits)), sizes

    owners = options["cv"], SimpleNamespace(random_state=random_state)
    rung, sizes = natively(estimator, owners, ready)
    if verbose > 0:
        print(f"[learning_curve] Training set sizes: {sizes}")
    done = _done(rung, verbose, None)
    rows = [done[0, fold] for fold in range(rung.n_splits)]
    _warn_or_raise_about_fit_failures(rows, options["error_score"])
    names = ("train_scores", "test_scores", *(("fit_time", "score_time") if return_times else ()))
    columns = (np.asarray([row[name] for row in rows]) for name in names)
    return sizes, *(column.reshape(-1, len(sizes)).T for column in columns)


def validation_scores(
    estimator: Any, data: Any, *, param_name: str, param_range: Any, verbose: int, **options: Any
) -> Any:
    """What scikit-learn's validation_curve returns. Raises NotNative."""
    X, y, groups, params = data
    candidates = [{param_name: value} for value in param_range]

    def ready(behind_prefixes: bool) -> Any:
        curve = _Curve(estimator, groups, **options)
        return NativeFits(curve, X, y, params or {}, behind_prefixes).of(candidates)

    rung = natively(estimator, [options["cv"]], ready)
    # scikit-learn goes fold by fold, the library value by value.
    require(not rung.job.in_sequence, Why.RANDOM_STATE, "networks draw from NumPy's generator")
    rows = _done(rung, verbose, candidates)
    return tuple(
        np.asarray(
            [
                [rows[value, fold][name] for fold in range(rung.n_splits)]
                for value in range(len(candidates))
            ]
        )
        for name in ("train_scores", "test_scores")
    )
