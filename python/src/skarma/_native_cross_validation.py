"""The native side of cross_validate and cross_val_predict."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import clone, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.parallel import Parallel, delayed

from skarma._fallback import FallbackReason as Why
from skarma._fallback import judged_by_sklearn, require
from skarma._fit_reports import FitReports, whole
from skarma._native_job import prepared
from skarma._native_scorers import Metrics
from skarma._native_search import (
    FitParameters,
    final_step,
    require_repeatable,
)
from skarma._prefix_job import natively, prepared_behind_prefixes
from skarma._prefix_plan import steps_of
from skarma._search_progress import FitLines
from skarma._sklearn_private import (
    _enforce_prediction_order,
    _get_feature_names,
    _insert_error_scores,
    _normalize_score_results,
    _safe_split,
    _warn_or_raise_about_fit_failures,
)


class NativeCrossValidation:
    """An estimator, its data and its folds, ready to be fitted natively.

    `data` are X, y, groups and params as scikit-learn's functions take them. Raises NotNative
    where the native library cannot do the same. With `behind_prefixes` the transformers of a
    pipeline are fitted by scikit-learn, to `y_of_fits` where these are other targets than y.
    """

    def __init__(
        self,
        estimator: Any,
        data: Any,
        *,
        cv: Any,
        scoring: Any,
        scorers: Any,
        lazy_cv: Any,
        return_train_score: bool,
        error_score: Any,
        verbose: int,
        n_jobs: Any,
        behind_prefixes: bool,
        y_of_fits: Any = None,
    ) -> None:
        self.estimator = estimator
        self.steps = steps_of(estimator, behind_prefixes)
        self.verbose, self.return_train_score = verbose, return_train_score
        X, y, groups, params = data
        require_repeatable(cv, y)
        with judged_by_sklearn():
            self.steps.validate()
            self.X, self.y = indexable(X, y)
            cv = check_cv(cv, self.y, classifier=is_classifier(estimator))
            routed = routed_params(estimator, cv, scorers, groups, params or {})
            given = FitParameters(routed, estimator, self.steps)
            self.metrics = Metrics(scoring, scorers, self.y, given.score, given.sample_weight)
            given_data = self.X, self.y, cv, given
            shared = {
                "lazy_cv": lazy_cv,
                "metrics": self.metrics,
                "return_train_score": return_train_score,
                "n_jobs": n_jobs,
            }
            if behind_prefixes:
                self.job, self.splits = prepared_behind_prefixes(
                    self.steps, [{}], *given_data, y_of_fits=y_of_fits, **shared
                )
            else:
                prototype = self.steps.network.prototype(self.X)
                self.job, self.splits = prepared(
                    self.steps, prototype, [self.steps], *given_data, **shared
                )
            self.reports = FitReports(
                estimator,
                self.X,
                self.y,
                self.splits,
                None if scorers is None else self.metrics,
                return_train_score=return_train_score,
                error_score=error_score,
            )

    def rows(self, keep_mlps: bool, take: Any = None) -> Any:
        """The rows of all folds in their order; `take(fit, row)` is told each as it is done."""
        names = [] if self.steps.mlp_name else _get_feature_names(self.X)
        names = [] if names is None else list(names)
        rows = [None] * len(self.splits)
        verbose = 0 if self.reports.metrics is None else self.verbose
        lines = FitLines(
            verbose, None, len(self.splits), self.return_train_score, self.job.in_order
        )
        self.job.begin()
        with self.job.cross_validate(keep_mlps, names, self.reports.wanted_folds) as fits:
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
        return whole(fit, clone(self.estimator), self.steps.mlp, self.X, y, train)


def routed_params(estimator: Any, cv: Any, scorers: Any, groups: Any, params: Any) -> Any:
    """What goes to the splitter, to the fits and to the scores, as scikit-learn routes it."""
    is_routed = get_config()["enable_metadata_routing"]
    require(not is_routed or groups is None, Why.REFUSED, "groups are metadata, which is routed")
    if not params or not is_routed:
        return SimpleNamespace(
            splitter=SimpleNamespace(split={} if is_routed else {"groups": groups}),
            estimator=SimpleNamespace(fit=params),
            scorer=SimpleNamespace(score={}),
        )

    def calls(method: str) -> Any:
        return MethodMapping().add(caller="fit", callee=method)

    router = MetadataRouter(owner="cross_validate")
    router.add(splitter=cv, method_mapping=calls("split"))
    router.add(estimator=estimator, method_mapping=calls("fit"))
    if scorers is not None:
        router.add(scorer=scorers, method_mapping=calls("score"))
    routed = process_routing(router, "fit", **params)
    if scorers is None:
        routed["scorer"] = SimpleNamespace(score={})
    return routed


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
        seed = getattr(final_step(estimator), "random_state", None)
        is_shared = isinstance(seed, np.random.RandomState)
        require(not is_shared, Why.RANDOM_STATE, "estimators return their generator")
    with judged_by_sklearn():
        scorers = check_scoring(estimator, scoring, raise_exc=error_score == "raise")
    if as_one_of_several:
        scorers = check_scoring(estimator, {"score": scorers}, raise_exc=error_score == "raise")
    validation = natively(
        estimator,
        [options["cv"]],
        lambda behind_prefixes: NativeCrossValidation(
            estimator,
            data,
            scoring=scoring,
            scorers=scorers,
            error_score=error_score,
            lazy_cv=not return_indices,
            behind_prefixes=behind_prefixes,
            **options,
        ),
    )
    n_splits = len(validation.splits)
    estimators = [clone(estimator) for _ in range(n_splits)] if return_estimator else []

    def take(fit: Any, row: Any) -> None:
        if row["fit_error"] is None:
            estimators[fit.fold] = validation.fitted(fit, validation.y)

    rows = validation.rows(return_estimator, take if return_estimator else None)
    _warn_or_raise_about_fit_failures(rows, error_score)
    if callable(scoring):
        _insert_error_scores(rows, error_score)
    results: dict[str, Any] = {
        name: np.array([row[name] for row in rows]) for name in ("fit_time", "score_time")
    }
    if return_estimator:
        results["estimator"] = estimators
    if return_indices:
        train, test = zip(*validation.splits, strict=True)
        results["indices"] = {"train": train, "test": test}
    parts = ("test", "train") if options["return_train_score"] else ("test",)
    by_part = {
        part: _normalize_score_results([row[f"{part}_scores"] for row in rows]) for part in parts
    }
    for name in by_part["test"]:
        for part in parts:
            results[f"{part}_{name}"] = np.asarray(by_part[part][name])
    return results


def single_scores(estimator: Any, data: Any, **options: Any) -> Any:
    """What scikit-learn's cross_val_score returns. Raises NotNative."""
    options |= {"return_train_score": False, "return_estimator": False, "return_indices": False}
    return scores(estimator, data, as_one_of_several=True, **options)["test_score"]


def predictions(estimator: Any, data: Any, *, method: Any, **options: Any) -> Any:
    """What scikit-learn's cross_val_predict returns. Raises NotNative."""
    require(hasattr(estimator, method), Why.RESULT, f"the estimator has no {method}")
    encode = method != "predict"

    def ready(behind_prefixes: bool) -> Any:
        y_of_fits = _encoded(np.asarray(data[1])) if behind_prefixes and encode else None
        return NativeCrossValidation(
            estimator,
            data,
            scoring=None,
            scorers=None,
            return_train_score=False,
            error_score="raise",
            lazy_cv=False,
            behind_prefixes=behind_prefixes,
            y_of_fits=y_of_fits,
            **options,
        )

    validation = natively(estimator, [options["cv"]], ready)
    tested = np.concatenate(validation.splits.tests)
    everyone = np.arange(len(validation.y))
    is_partition = np.array_equal(np.sort(tested), everyone)
    require(is_partition, Why.SPLITTER, "cv does not test every sample once")
    y = _encoded(np.asarray(validation.y)) if encode else validation.y
    n_classes = 0 if not encode else y.shape[1] if y.ndim == 2 else len(np.unique(y))
    parts: list[Any] = [None] * len(validation.splits)

    def predict(fit: Any, row: Any) -> None:
        model = validation.fitted(fit, y)
        train, test = validation.splits[fit.fold]
        X_test, _ = _safe_split(estimator, validation.X, None, test, train)
        part = getattr(model, method)(X_test)
        if encode:
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
