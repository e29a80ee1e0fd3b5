"""What native fits come to: rows as scikit-learn's, with the warnings of each fit."""

from __future__ import annotations

import warnings
from traceback import format_exc
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning
from sklearn.metrics._scorer import _MultimetricScorer
from sklearn.model_selection._validation import _score
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from skarma._native_search import Steps
from skarma._warnings import BATCH_IS_CLIPPED, warn_as_networks_do


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

    metrics : list of (str, str)
        Each metric's name in the results, and the scorer's.

    scorers : callable or None
        scikit-learn's scorer of all metrics; None if nothing is scored.

    score_params : dict
        What the scorers take beside samples and targets.

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
        scorers: Any,
        *,
        score_params: Any,
        return_train_score: bool,
        error_score: Any,
    ) -> None:
        self.estimator, self.X, self.y, self.splits = estimator, X, y, splits
        self.names = [name for name, _ in metrics]
        self.scorers = scorers
        self._has_several_scores = isinstance(scorers, _MultimetricScorer)
        self.score_params = score_params
        self.return_train_score = return_train_score
        self.error_score = error_score
        self.judged_folds = _judged_folds(metrics, y, splits, estimator, return_train_score)
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
            `fit_error`, `fit_time`, `score_time`, `test_scores` and, if asked for, `train_scores`.

        Raises
        ------
        Exception
            With the error score 'raise', what the fit or a score has failed with.
        """
        row = {"fit_error": None, "fit_time": fit.fit_time, "score_time": fit.score_time}
        try:
            self._warn_of(fit, mlp)
        except Exception:
            if self.error_score == "raise":
                raise
            failed = {"fit_error": format_exc(), "score_time": 0.0}
            errors = self._as_scores([self.error_score] * len(self.names))
            return row | failed | self._alike(lambda part: errors)
        if self.scorers is None:
            return row
        if fit.is_doubtful or self.judged_folds[fit.fold]:
            return row | self._scores_by_sklearn(fit, parameters)
        row["test_scores"] = self._as_scores(fit.test_scores)
        if self.return_train_score:
            row["train_scores"] = self._as_scores(fit.train_scores)
        return row

    def _warn_of(self, fit: Any, mlp: Any) -> None:
        """Give the warnings of one fit, and raise its error.

        As in scikit-learn, a filter that says things once does so for each fit.
        """
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

    def _alike(self, scores_of: Any) -> Any:
        parts = ("test", "train") if self.return_train_score else ("test",)
        return {f"{part}_scores": scores_of(part) for part in parts}

    def _as_scores(self, values: Any) -> Any:
        """A number, or with several metrics numbers by their names."""
        if self._has_several_scores:
            return dict(zip(self.names, values, strict=True))
        return values[0]

    def _scores_by_sklearn(self, fit: Any, parameters: Any) -> Any:
        estimator = clone(self.estimator)
        if parameters is not None:
            estimator.set_params(**clone(parameters, safe=False))
        train, test = self.splits[fit.fold]
        estimator = fitted(estimator, fit.mlp(), self.X, self.y, train)
        rows = {"train": train, "test": test}

        def score(part: Any) -> Any:
            X, y = _safe_split(estimator, self.X, self.y, rows[part], train)
            params = _check_method_params(self.X, self.score_params, indices=rows[part])
            return _score(estimator, X, y, self.scorers, params, self.error_score)

        with warnings.catch_warnings():  # a filter that says things once does so for each fit
            return self._alike(score)


def _judged_folds(
    metrics: Any, y: Any, splits: Any, estimator: Any, return_train_score: bool
) -> Any:
    """The folds that scikit-learn's scorers judge: those where a metric's rules for rare cases
    hold.
    """
    names = {scorer for _, scorer in metrics}
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
    steps.network.take(native, X, y)
    return estimator
