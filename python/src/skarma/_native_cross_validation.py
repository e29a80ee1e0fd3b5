"""The native side of cross_validate and cross_val_predict."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import clone, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.model_selection._validation import (
    _enforce_prediction_order,
    _warn_or_raise_about_fit_failures,
)
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import indexable
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _get_feature_names

from skarma._fallback import FallbackReason as Why
from skarma._fallback import judged_by_sklearn, require
from skarma._fit_reports import FitReports, fitted
from skarma._native_job import prepared
from skarma._native_search import (
    FitParameters,
    Steps,
    metrics_of,
    require_repeatable,
)
from skarma._search_progress import FitLines


class NativeCrossValidation:
    """An estimator, its data and its folds, ready to be fitted natively.

    `data` are X, y, groups and params as scikit-learn's functions take them. Raises NotNative
    where the native library cannot do the same.
    """

    def __init__(
        self,
        estimator: Any,
        data: Any,
        *,
        cv: Any,
        scorers: Any,
        metrics: Any,
        lazy_cv: Any,
        return_train_score: bool,
        error_score: Any,
        verbose: int,
        n_jobs: Any,
    ) -> None:
        self.estimator = estimator
        self.steps = Steps.to_fit(estimator)
        self.verbose, self.return_train_score = verbose, return_train_score
        X, y, groups, params = data
        require_repeatable(cv, y)
        routing = get_config()["enable_metadata_routing"]
        is_routed = routing and (groups is not None or params)
        require(not is_routed, Why.FIT_PARAMETERS, "metadata is routed")
        routed = SimpleNamespace(
            splitter=SimpleNamespace(split={} if routing else {"groups": groups}),
            estimator=SimpleNamespace(fit=params or {}),
            scorer=SimpleNamespace(score={}),
        )
        with judged_by_sklearn():
            self.steps.validate()
            self.X, self.y = indexable(X, y)
            cv = check_cv(cv, self.y, classifier=is_classifier(estimator))
            given = FitParameters(routed, self.steps)
            pairs, is_multimetric = metrics
            self.job, self.splits = prepared(
                self.steps,
                self.steps.network.prototype(self.X),
                [self.steps],
                self.X,
                self.y,
                cv,
                given,
                lazy_cv=lazy_cv,
                metrics=pairs,
                is_multimetric=is_multimetric,
                return_train_score=return_train_score,
                n_jobs=n_jobs,
            )
            self.reports = FitReports(
                estimator,
                self.X,
                self.y,
                self.splits,
                pairs,
                scorers,
                score_params=given.score,
                return_train_score=return_train_score,
                error_score=error_score,
            )

    def rows(self, keep_mlps: bool, take: Any = None) -> Any:
        """The rows of all folds in their order; `take(fit, row)` is told each as it is done."""
        names = [] if self.steps.transformers else _get_feature_names(self.X)
        names = [] if names is None else list(names)
        rows = [None] * len(self.splits)
        verbose = 0 if self.reports.scorers is None else self.verbose
        lines = FitLines(
            verbose, None, len(self.splits), self.return_train_score, self.job.in_order
        )
        with self.job.cross_validate(keep_mlps, names, self.reports.judged_folds) as fits:
            lines.start()

            def report(fit: Any) -> None:
                row = rows[fit.fold] = self.reports.row(fit, self.steps.mlp)
                if take is not None:
                    take(fit, row)
                lines.end(0, fit.fold, row)

            # joblib says how far it is, as in scikit-learn.
            said = Parallel(n_jobs=1, verbose=self.verbose if self.job.in_order else 0)
            said(delayed(report)(fit) for fit in fits)
        return rows

    def fitted(self, fit: Any, y: Any) -> Any:
        """The estimator as the fit to its fold has left it, with these targets."""
        train, _ = self.splits[fit.fold]
        return fitted(clone(self.estimator), fit.mlp(), self.X, y, train)


def scores(
    estimator: Any,
    data: Any,
    *,
    scoring: Any,
    return_estimator: Any,
    return_indices: Any,
    error_score: Any,
    as_one_of_several: Any = False,
    **options: Any,
) -> Any:
    """What scikit-learn's cross_validate returns. Raises NotNative.

    A single metric may be told, as one of several, by its name in the results.
    """
    if return_estimator:
        seed = Steps.to_fit(estimator).network.random_state
        is_shared = isinstance(seed, np.random.RandomState)
        require(not is_shared, Why.RANDOM_STATE, "estimators return their generator")
    with judged_by_sklearn():
        scorers = check_scoring(estimator, scoring, raise_exc=error_score == "raise")
    metrics = metrics_of(scoring, scorers)
    if as_one_of_several:
        scorers = check_scoring(estimator, {"score": scorers}, raise_exc=error_score == "raise")
        metrics = metrics[0], True
    validation = NativeCrossValidation(
        estimator,
        data,
        scorers=scorers,
        metrics=metrics,
        error_score=error_score,
        lazy_cv=not return_indices,
        **options,
    )
    n_splits = len(validation.splits)
    estimators = [clone(estimator) for _ in range(n_splits)] if return_estimator else []

    def take(fit: Any, row: Any) -> None:
        if row["fit_error"] is None:
            estimators[fit.fold] = validation.fitted(fit, validation.y)

    rows = validation.rows(return_estimator, take if return_estimator else None)
    _warn_or_raise_about_fit_failures(rows, error_score)
    results: dict[str, Any] = {
        name: np.array([row[name] for row in rows]) for name in ("fit_time", "score_time")
    }
    if return_estimator:
        results["estimator"] = estimators
    if return_indices:
        train, test = zip(*validation.splits, strict=True)
        results["indices"] = {"train": train, "test": test}
    pairs, is_multimetric = metrics
    for name, _ in pairs:
        for part in ("test", "train") if options["return_train_score"] else ("test",):
            values = [row[f"{part}_scores"] for row in rows]
            if is_multimetric:
                values = [value[name] for value in values]
            results[f"{part}_{name}"] = np.asarray(values)
    return results


def single_scores(estimator: Any, data: Any, **options: Any) -> Any:
    """What scikit-learn's cross_val_score returns. Raises NotNative."""
    options |= {"return_train_score": False, "return_estimator": False, "return_indices": False}
    return scores(estimator, data, as_one_of_several=True, **options)["test_score"]


def predictions(estimator: Any, data: Any, *, method: Any, **options: Any) -> Any:
    """What scikit-learn's cross_val_predict returns. Raises NotNative."""
    require(hasattr(estimator, method), Why.RESULT, f"the estimator has no {method}")
    validation = NativeCrossValidation(
        estimator,
        data,
        scorers=None,
        metrics=([], False),
        return_train_score=False,
        error_score="raise",
        lazy_cv=False,
        **options,
    )
    tested = np.concatenate(validation.splits.tests)
    everyone = np.arange(len(validation.y))
    is_partition = np.array_equal(np.sort(tested), everyone)
    require(is_partition, Why.SPLITTER, "cv does not test every sample once")
    y = validation.y if method == "predict" else _encoded(np.asarray(validation.y))
    n_classes = 0 if method == "predict" else y.shape[1] if y.ndim == 2 else len(np.unique(y))
    parts: list[Any] = [None] * len(validation.splits)

    def predict(fit: Any, row: Any) -> None:
        model = validation.fitted(fit, y)
        train, test = validation.splits[fit.fold]
        X_test, _ = _safe_split(estimator, validation.X, None, test, train)
        part = getattr(model, method)(X_test)
        if method != "predict":
            part = _enforce_prediction_order(model.classes_, part, n_classes, method)
        parts[fit.fold] = part

    validation.rows(True, predict)
    return np.concatenate(parts)[np.argsort(tested)]


def _encoded(y: Any) -> Any:
    """Labels by numbers, so that a column is the same class in every fold."""
    if y.ndim == 1:
        return LabelEncoder().fit_transform(y)
    varied = (y.any(axis=0) & (y == 0).any(axis=0)).all()
    require(y.shape[1] > 1 and varied, Why.RESULT, "a label is always or never there")
    return y
