"""What native fits come to: rows as scikit-learn's, with the warnings of each fit."""

from __future__ import annotations

import time
import warnings
from traceback import format_exc
from types import SimpleNamespace
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning

from skarma._native_search import Steps
from skarma._prefix_job import PrefixedFit
from skarma._sklearn_private import _check_method_params, _safe_split, _score
from skarma._warnings import BATCH_IS_CLIPPED, warn_as_networks_do


class RecordedFit(SimpleNamespace):
    """A fit that the journal has, as `FitReports` takes one that is done."""

    is_doubtful = False
    n_iter = 0

    def raise_error(self) -> None:
        """Raise nothing: of fits that have failed there are none."""


class FitReports:
    """What the fits of a native cross-validation come to, in scikit-learn's terms.

    Every fit is reported with its own warnings, so that each meets the caller's filters. Where a
    filter makes an error of one, the fit has failed. Scores that scikit-learn would warn of, and
    those that have failed, are computed by its scorers.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or Pipeline
        What is fitted.

    X, y : array-like
        All samples and their targets.

    splits : Folds
        The rows that each fold trains on, and tests.

    metrics : Metrics or None
        What is scored, and what the scorers take; None if nothing is scored.

    return_train_score : bool
        Whether training scores are reported as well.

    error_score : 'raise' or float
        The score of a fit that fails.
    """

    def __init__(
        self,
        estimator: Any,
        X: Any,
        y: Any,
        splits: Any,
        metrics: Any,
        *,
        return_train_score: bool,
        error_score: Any,
    ) -> None:
        self.estimator, self.X, self.y, self.splits = estimator, X, y, splits
        self.metrics = metrics
        native = [] if metrics is None else metrics.native
        self._native_names = [name for name, _ in native]
        self._others = None if metrics is None else metrics.others
        self.return_train_score = return_train_score
        self.error_score = error_score
        self._judged_folds = _judged_folds(native, y, splits, estimator, return_train_score)
        y_shape = np.shape(y)
        self._y_is_a_column = len(y_shape) == 2 and y_shape[1] == 1

    def row(self, fit: Any, mlp: Any, parameters: Any = None) -> Any:
        """One fit as scikit-learn's `_fit_and_score` returns it.

        Parameters
        ----------
        fit : DoneFit
            The native fit.

        mlp : MLPClassifier or MLPRegressor
            The network with the parameters that were fitted.

        parameters : dict, default=None
            The candidate that was fitted, if there is one.

        Returns
        -------
        row : dict
            `fit_error`, `fit_warning`, `fit_time`, `score_time`, `test_scores` and, if asked for,
            `train_scores`.

        Raises
        ------
        Exception
            With the error score 'raise', what the fit or a score has failed with.
        """
        row = {
            "fit_error": None,
            "fit_warning": fit.warning,
            "fit_time": fit.fit_time,
            "score_time": fit.score_time,
        }
        try:
            self._warn_of(fit, mlp)
        except Exception:
            if self.error_score == "raise":
                raise
            failed = {"fit_error": format_exc(), "score_time": 0.0}
            return row | failed | {f"{part}_scores": self._error_scores() for part in self._parts}
        if self.metrics is None:
            return row
        if isinstance(fit, RecordedFit):
            return row | fit.scores
        if fit.is_doubtful or self._judged_folds[fit.fold]:
            return row | self._scores_by_sklearn(self.metrics.scorers, fit, mlp, parameters)
        if self._others is None:
            return row | self._native_scores(fit)
        others = self._scores_by_sklearn(self._others, fit, mlp, parameters)
        return row | self._joined(self._native_scores(fit), others)

    def _warn_of(self, fit: Any, mlp: Any) -> None:
        """Give the warnings of one fit, and raise its error.

        As in scikit-learn, a filter that says things once does so for each fit.
        """
        if isinstance(fit, PrefixedFit):
            fit.prefix.tell()
        said: dict[str, Any] = {}
        if self._y_is_a_column:
            warn_as_networks_do(
                "A column-vector y was passed when a 1d array was expected. Please change the "
                "shape of y to (n_samples, ), for example using ravel().",
                DataConversionWarning,
                said,
            )
        if mlp._clips_batches(self.splits.n_train(fit.fold)):
            warn_as_networks_do(BATCH_IS_CLIPPED, said=said)
        fit.raise_error()
        if fit.warning:
            warn_as_networks_do(fit.warning, ConvergenceWarning, said)

    @property
    def wanted_folds(self) -> list[bool]:
        """The folds whose fitted networks scikit-learn's scorers need."""
        return [self._others is not None or judged for judged in self._judged_folds]

    @property
    def _parts(self) -> Any:
        return ("test", "train") if self.return_train_score else ("test",)

    def _error_scores(self) -> Any:
        """The error score, or with several metrics that of each."""
        if self.metrics is None or not self.metrics.are_several:
            return self.error_score
        return {name: self.error_score for name, _ in self.metrics.all}

    def _native_scores(self, fit: Any) -> Any:
        """Of the metrics that the native library computes, by the parts of the samples."""
        if self.metrics.are_several:
            names = self._native_names
            scores = {
                part: dict(zip(names, getattr(fit, f"{part}_scores"), strict=True))
                for part in self._parts
                if names
            }
        else:
            scores = {part: getattr(fit, f"{part}_scores")[0] for part in self._parts}
        return {f"{part}_scores": values for part, values in scores.items()} | {
            "score_time": fit.score_time
        }

    def _joined(self, native: Any, others: Any) -> Any:
        """Scores of both, in the order of the metrics."""
        if not self._native_names:
            return others
        joined = {"score_time": native["score_time"] + others["score_time"]}
        for part in self._parts:
            scores = native[f"{part}_scores"] | others[f"{part}_scores"]
            joined[f"{part}_scores"] = {name: scores[name] for name, _ in self.metrics.all}
        return joined

    def _scores_by_sklearn(self, scorers: Any, fit: Any, mlp: Any, parameters: Any) -> Any:
        """What scikit-learn's scorers say of the fitted network, and their time for the tests."""
        estimator = clone(self.estimator)
        if parameters is not None:
            estimator.set_params(**clone(parameters, safe=False))
        train, test = self.splits[fit.fold]
        estimator = whole(fit, estimator, mlp, self.X, self.y, train)
        rows = {"train": train, "test": test}

        def score(part: Any) -> Any:
            X, y = _safe_split(estimator, self.X, self.y, rows[part], train)
            given = self.metrics.score_params
            params = _check_method_params(self.X, given, indices=rows[part])
            return _score(estimator, X, y, scorers, params, self.error_score)

        with warnings.catch_warnings():  # a filter that says things once does so for each fit
            start = time.time()
            scores = {"test_scores": score("test"), "score_time": time.time() - start}
            if self.return_train_score:
                scores["train_scores"] = score("train")
        return scores


def _judged_folds(
    metrics: Any, y: Any, splits: Any, estimator: Any, return_train_score: bool
) -> Any:
    """The folds that scikit-learn's scorers judge: those where a metric's rules for rare cases
    hold.
    """
    names = {scorer for _, scorer in metrics}
    if not names:
        return [False] * len(splits)
    shared = names & {"average_precision", "neg_log_loss"}
    by_probability = shared or any(name.startswith("roc_auc") for name in names)
    if not is_classifier(estimator):
        if not names & {"", "r2"}:
            return [False] * len(splits)
        return [
            len(test) < 2 or (return_train_score and splits.n_train(fold) < 2)
            for fold, test in enumerate(splits.tests)
        ]
    if not by_probability:
        return [False] * len(splits)
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] > 1:
        return [any(_is_constant(y[rows]) for rows in split) for split in splits]
    labels, codes = np.unique(y, return_inverse=True)
    codes = codes.ravel()
    n_labels = max(len(labels), 2)
    return [
        any(np.count_nonzero(np.bincount(codes[rows])) < n_labels for rows in (test, train))
        for train, test in splits
    ]


def _is_constant(labels: Any) -> bool:
    return bool((labels == labels[:1]).all(axis=0).any())


def whole(fit: Any, estimator: Any, mlp: Any, X: Any, y: Any, train: Any) -> Any:
    """The estimator as a native fit to some samples has left it, with its transformers.

    Those that were fitted before the network are shared, others are fitted once more; `mlp` is the
    network with its parameters, and what else there is as `fitted` takes it.
    """
    if not isinstance(fit, PrefixedFit):
        return fitted(estimator, fit.mlp(), X, y, train)
    return fit.prefix.completed(mlp, fit.mlp(), _safe_split(mlp, y, None, train)[0])


def fitted(estimator: Any, native: Any, X: Any, y: Any, train: Any) -> Any:
    """The estimator as a fit to some samples has left it.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or Pipeline
        What was fitted; it is changed in place.

    native : object
        The native network that was fitted to these samples.

    X : array-like of shape (n_samples, n_features)
        All samples as the caller has them.

    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.

    train : ndarray
        The rows that it was fitted to.

    Returns
    -------
    estimator : object
        The fitted estimator.
    """
    steps = Steps(estimator)
    if steps.transformers:
        X, y = _safe_split(estimator, X, y, train)
        for _, transformer in steps.transformers:
            X = transformer.fit_transform(X)
    else:
        # Names and the number of features are those of any rows.
        X, _ = _safe_split(estimator, X, None, train[:1])
        y = _safe_split(estimator, y, None, train)[0]
    steps.network.see(X)
    steps.network.take(native, y)
    return estimator
