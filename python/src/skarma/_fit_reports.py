"""What the native fits have to report: their warnings, each once, and the fitted estimators."""

import sys
import warnings

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.utils.validation import _check_feature_names, _check_n_features

from skarma._native_search import Steps


def _stack_level():
    """The level of the line outside of skarma and scikit-learn that a warning is to name."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith(("skarma.", "sklearn.")):
        level, frame = level + 1, frame.f_back
    return level


def warn_about(problems, fit_warnings):
    """Warn of failed fits and scorings, and of what fits warn about: each text with its count."""
    for text in problems:
        category = FitFailedWarning if "fits failed out of" in text else UserWarning
        warnings.warn(text, category, stacklevel=_stack_level())
    for text in fit_warnings:
        warnings.warn(text, ConvergenceWarning, stacklevel=_stack_level())


def warn_of_clipped_batches(mlps, folds):
    """Warn once of all fits whose batches have more rows than there are, as each of them would."""
    n_rows = [len(train) for train, _ in folds]
    count = sum(mlp._clips_batches(n) for mlp in mlps for n in n_rows)
    if count:
        warnings.warn(
            f"{count} of {len(mlps) * len(folds)} fits: Got `batch_size` less than 1 or larger "
            "than sample size. It is going to be clipped",
            stacklevel=_stack_level(),
        )


def fitted(estimator, native, X, y):
    """The estimator as a fit to these samples would have left it.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or Pipeline
        What was fitted; a copy is returned.

    native : object or None
        The native network that was fitted to these samples; None if the fit failed.

    X : array-like of shape (n_samples, n_features)
        The training samples as the caller has them.

    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.

    Returns
    -------
    copy : object
        The fitted copy; without a network it is not fitted.
    """
    copy = clone(estimator)
    if native is None:
        return copy
    steps = Steps(copy)
    for _, scaler in steps.scalers:
        X = scaler.fit_transform(X)
    mlp = steps.mlp
    _check_feature_names(mlp, X, reset=True)
    _check_n_features(mlp, X, reset=True)
    if is_classifier(mlp):
        mlp._learn_labels(np.asarray(y))
    mlp._model = native
    mlp._take_results()
    return copy
