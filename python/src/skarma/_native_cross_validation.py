"""The native side of cross_validate and cross_val_predict."""

from types import SimpleNamespace

import numpy as np
from sklearn import get_config
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.model_selection._validation import _enforce_prediction_order
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import indexable
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _get_feature_names

from skarma._fit_reports import fitted, warn_about, warn_of_clipped_batches
from skarma._native_job import prepared
from skarma._native_search import (
    FitParameters,
    Steps,
    judged_by_sklearn,
    metrics_of,
    require,
)


class NativeCrossValidation:
    """An estimator, its data and its folds, ready to be fitted natively.

    `data` are X, y, groups and params as scikit-learn's functions take them. Raises NotNative
    where the native library cannot do the same.
    """

    def __init__(self, estimator, data, *, cv, metrics, lazy_cv, **options):
        self.estimator = estimator
        self.steps = Steps.to_fit(estimator)
        X, y, groups, params = data
        require(y is not None, "there is no y")
        require(not hasattr(cv, "__next__"), "cv can be iterated over but once")
        routing = get_config()["enable_metadata_routing"]
        require(not routing or (groups is None and not params), "metadata is routed")
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
                self.steps.native_mlp(),
                [self.steps.mlp],
                self.X,
                self.y,
                cv,
                given,
                lazy_cv=lazy_cv,
                metrics=pairs,
                is_multimetric=is_multimetric,
                **options,
            )

    def fit(self, return_mlps):
        """Times, scores and networks of the folds; warns at once of everything that fits say."""
        names = [] if self.steps.scalers else _get_feature_names(self.X)
        *results, problems, fit_warnings = self.job.cross_validate(
            return_mlps, [] if names is None else list(names)
        )
        warn_of_clipped_batches([self.steps.mlp], self.splits)
        warn_about(problems, fit_warnings)
        return results

    def fitted(self, mlps, y):
        """The estimators as fits to the folds have left them, with these targets."""
        trains = (_safe_split(self.estimator, self.X, y, train) for train, _ in self.splits)
        return [
            fitted(self.estimator, mlp, *train) for mlp, train in zip(mlps, trains, strict=True)
        ]


def scores(estimator, data, *, scoring, return_estimator, return_indices, error_score, **options):
    """What scikit-learn's cross_validate returns. Raises NotNative."""
    if return_estimator:
        seed = Steps.to_fit(estimator).mlp.random_state
        require(not isinstance(seed, np.random.RandomState), "estimators return their generator")
    with judged_by_sklearn():
        scorers = check_scoring(estimator, scoring, raise_exc=error_score == "raise")
    metrics = metrics_of(scoring, scorers)
    validation = NativeCrossValidation(
        estimator,
        data,
        metrics=metrics,
        error_score=error_score,
        lazy_cv=not return_indices,
        **options,
    )
    fit_times, score_times, fold_scores, mlps = validation.fit(return_estimator)
    results = {"fit_time": fit_times, "score_time": score_times}
    if return_estimator:
        results["estimator"] = validation.fitted(mlps, validation.y)
    if return_indices:
        train, test = zip(*validation.splits, strict=True)
        results["indices"] = {"train": train, "test": test}
    for (name, _), (test, train) in zip(metrics[0], fold_scores, strict=True):
        results[f"test_{name}"] = test
        if options["return_train_score"]:
            results[f"train_{name}"] = train
    return results


def single_scores(estimator, data, **options):
    """What scikit-learn's cross_val_score returns. Raises NotNative."""
    options |= {"return_train_score": False, "return_estimator": False, "return_indices": False}
    return scores(estimator, data, **options)["test_score"]


def predictions(estimator, data, *, method, **options):
    """What scikit-learn's cross_val_predict returns. Raises NotNative."""
    require(hasattr(estimator, method), f"the estimator has no {method}")
    validation = NativeCrossValidation(
        estimator,
        data,
        metrics=([], False),
        return_train_score=False,
        error_score="raise",
        lazy_cv=False,
        **options,
    )
    tested = np.concatenate([test for _, test in validation.splits])
    everyone = np.arange(len(validation.y))
    require(np.array_equal(np.sort(tested), everyone), "cv does not test every sample once")
    y = validation.y if method == "predict" else _encoded(np.asarray(validation.y))
    *_, mlps = validation.fit(True)
    parts = []
    for (_, test), model in zip(validation.splits, validation.fitted(mlps, y), strict=True):
        X_test, _ = _safe_split(estimator, validation.X, y, test)
        part = getattr(model, method)(X_test)
        if method != "predict":
            n_classes = y.shape[1] if y.ndim == 2 else len(np.unique(y))
            part = _enforce_prediction_order(model.classes_, part, n_classes, method)
        parts.append(part)
    return np.concatenate(parts)[np.argsort(tested)]


def _encoded(y):
    """Labels by numbers, so that a column is the same class in every fold."""
    if y.ndim == 1:
        return LabelEncoder().fit_transform(y)
    varied = (y.any(axis=0) & (y == 0).any(axis=0)).all()
    require(y.shape[1] > 1 and varied, "a label is always or never there")
    return y
