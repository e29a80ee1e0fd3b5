"""Cross-validation of skarma's networks: scikit-learn's functions over the native library."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import sklearn.model_selection as _sklearn

from skarma import _native_cross_validation as _native
from skarma import _native_curves as _curves
from skarma._devices import require_devices
from skarma._fallback import NATIVE
from skarma._host_data import host_data
from skarma._native_job import native_or_reason
from skarma._sklearn_private import StrOptions, validate_params

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from skarma._types import CV, F, Native, RandomState, Samples, Scoring, Scorings

_TRAIN_SIZES = np.linspace(0.1, 1.0, 5)
_logger = logging.getLogger("skarma.model_selection")


def _validated(function: F) -> F:
    """The function behind the validation that scikit-learn's own one has."""
    constraints = getattr(_sklearn, function.__name__)._skl_parameter_constraints
    constraints = {**constraints, "native": [StrOptions(set(NATIVE))]}
    return validate_params(constraints, prefer_skip_nested_validation=False)(function)


def _native_or(
    theirs: Any,
    ours: Any,
    native: str,
    estimator: Any,
    data: Any,
    verbose: int,
    pre_dispatch: Any,
    **options: Any,
) -> Any:
    """The native result, or scikit-learn's where that is not possible; the log says which."""
    require_devices(estimator)
    data = host_data(estimator, *data)
    owners = options["cv"], SimpleNamespace(random_state=options.get("random_state", 0))
    result, reason = native_or_reason(
        native, owners, lambda: ours(estimator, data, verbose=verbose, **options)
    )
    if reason is None:
        _logger.debug("%s: native", theirs.__name__)
        return result
    _logger.debug("%s: scikit-learn's path, because %s", theirs.__name__, reason.sentence)
    X, y, groups, params = data
    options |= {"verbose": verbose, "pre_dispatch": pre_dispatch}
    return theirs(estimator, X, y, groups=groups, params=params, **options)


@_validated
def cross_validate(
    estimator: Any,
    X: Samples,
    y: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    scoring: Scorings = None,
    cv: CV = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: Mapping[str, Any] | None = None,
    pre_dispatch: int | str | None = "2*n_jobs",
    return_train_score: bool = False,
    return_estimator: bool = False,
    return_indices: bool = False,
    error_score: float | Literal["raise"] = np.nan,
    native: Native = "auto",
) -> dict[str, Any]:
    """Fit and score an estimator on every fold, native for skarma's networks.

    The function is scikit-learn's `cross_validate`: every parameter and result means the same, and
    any estimator works. What runs natively, and how, is said at `GridSearchCV`. The logger
    "skarma.model_selection" says at level DEBUG which path was taken, and why.

    Parameters
    ----------
    estimator : estimator object
        What to fit.

    X : array-like of shape (n_samples, n_features)
        The samples.

    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Their targets.

    groups : array-like of shape (n_samples,), default=None
        The group of each sample, for splitters that take groups.

    scoring : str, callable, list, tuple or dict, default=None
        How fits are scored; None is the estimator's own score.

    cv : int, splitter or iterable, default=None
        How samples are split; None is five folds.

    n_jobs : int, default=None
        The whole thread budget: None is one thread, -1 every core that the process may use.

    verbose : int, default=0
        From 2 on, scikit-learn's lines of each fit are printed.

    pre_dispatch : int or str, default='2*n_jobs'
        Used on scikit-learn's path only.

    params : dict, default=None
        Parameters of the estimator's `fit`, such as `sample_weight`; they do not weight the scores.

    return_train_score, return_estimator, return_indices : bool, default=False
        What to return beside times and test scores.

    error_score : 'raise' or float, default=np.nan
        The score of a fit that fails.

    native : {'auto', 'require', 'never'}, default='auto'
        What to do where the fits cannot be native: take scikit-learn's path, or raise
        NotNativeError, which says why, before anything is fitted. 'never' always takes
        scikit-learn's path.

    Returns
    -------
    results : dict of str -> ndarray of shape (n_splits,)
        `fit_time` and `score_time` in seconds, `test_<metric>`, and what was asked for.

    Raises
    ------
    ValueError
        For bad parameters or data, and if all fits fail.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.model_selection import cross_validate
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(solver="lbfgs", hidden_layer_sizes=(5,), alpha=1, random_state=1)
    >>> results = cross_validate(mlp, X, y, cv=3, scoring=["accuracy", "neg_log_loss"])
    >>> list(results)
    ['fit_time', 'score_time', 'test_accuracy', 'test_neg_log_loss']
    >>> results["test_accuracy"].shape
    (3,)
    """
    return _native_or(
        _sklearn.cross_validate,
        _native.scores,
        native,
        estimator,
        (X, y, groups, params),
        verbose,
        pre_dispatch,
        scoring=scoring,
        cv=cv,
        n_jobs=n_jobs,
        return_train_score=return_train_score,
        return_estimator=return_estimator,
        return_indices=return_indices,
        error_score=error_score,
    )


@_validated
def cross_val_score(
    estimator: Any,
    X: Samples,
    y: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    scoring: Scoring = None,
    cv: CV = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: Mapping[str, Any] | None = None,
    pre_dispatch: int | str | None = "2*n_jobs",
    error_score: float | Literal["raise"] = np.nan,
    native: Native = "auto",
) -> NDArray[Any]:
    """Score an estimator on every fold, native for skarma's networks.

    The function is scikit-learn's `cross_val_score`; see `cross_validate`.

    Parameters
    ----------
    estimator, X, y, groups, cv, n_jobs, verbose, params, pre_dispatch, error_score, native
        As in `cross_validate`.

    scoring : str or callable, default=None
        How fits are scored; None is the estimator's own score.

    Returns
    -------
    scores : ndarray of shape (n_splits,)
        The test score of every fold.

    Raises
    ------
    ValueError
        For bad parameters or data, and if all fits fail.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.model_selection import cross_val_score
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(solver="lbfgs", hidden_layer_sizes=(5,), alpha=1, random_state=1)
    >>> bool(cross_val_score(mlp, X, y, cv=3).min() > 0.9)
    True
    """
    return _native_or(
        _sklearn.cross_val_score,
        _native.single_scores,
        native,
        estimator,
        (X, y, groups, params),
        verbose,
        pre_dispatch,
        scoring=scoring,
        cv=cv,
        n_jobs=n_jobs,
        error_score=error_score,
    )


@_validated
def cross_val_predict(
    estimator: Any,
    X: Samples,
    y: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    cv: CV = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: Mapping[str, Any] | None = None,
    pre_dispatch: int | str | None = "2*n_jobs",
    method: str = "predict",
    native: Native = "auto",
) -> Any:
    """Predict every sample by an estimator that has not seen it, native for skarma's networks.

    The function is scikit-learn's `cross_val_predict`; see `cross_validate`. Native are the fits;
    the fitted estimators then predict one after another.

    Parameters
    ----------
    estimator, X, y, groups, cv, n_jobs, verbose, params, pre_dispatch, native
        As in `cross_validate`; `cv` tests every sample once.

    method : {'predict', 'predict_proba', 'predict_log_proba', 'decision_function'}, \
default='predict'
        The method that predicts.

    Returns
    -------
    predictions : ndarray of shape (n_samples,), (n_samples, n_outputs) or (n_samples, n_classes)
        What `method` returns; a class that a fold does not train on has the probability 0 and as
        its logarithm the lowest number of the type.

    Raises
    ------
    ValueError
        For bad parameters or data, if `cv` does not test every sample once, and if a fit fails.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.model_selection import cross_val_predict
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(solver="lbfgs", hidden_layer_sizes=(5,), alpha=1, random_state=1)
    >>> cross_val_predict(mlp, X, y, cv=3, method="predict_proba").shape
    (150, 3)
    """
    return _native_or(
        _sklearn.cross_val_predict,
        _native.predictions,
        native,
        estimator,
        (X, y, groups, params),
        verbose,
        pre_dispatch,
        cv=cv,
        n_jobs=n_jobs,
        method=method,
    )


@_validated
def learning_curve(
    estimator: Any,
    X: Samples,
    y: ArrayLike | None,
    *,
    groups: ArrayLike | None = None,
    train_sizes: ArrayLike = _TRAIN_SIZES,
    cv: CV = None,
    scoring: Scoring = None,
    exploit_incremental_learning: bool = False,
    n_jobs: int | None = None,
    pre_dispatch: int | str = "all",
    verbose: int = 0,
    shuffle: bool = False,
    random_state: RandomState = None,
    error_score: float | Literal["raise"] = np.nan,
    return_times: bool = False,
    params: Mapping[str, Any] | None = None,
    native: Native = "auto",
) -> tuple[NDArray[Any], ...]:
    """Scores of fits to more and more of the samples, native for skarma's networks.

    The function is scikit-learn's `learning_curve`; see `cross_validate`.

    Parameters
    ----------
    estimator, X, y, groups, cv, n_jobs, params, error_score, native
        As in `cross_validate`.

    train_sizes : array-like of shape (n_ticks,), default=np.linspace(0.1, 1.0, 5)
        How many samples of each fold's training part to fit to: numbers, or parts of the first
        fold's.

    scoring : str or callable, default=None
        How fits are scored; None is the estimator's own score.

    exploit_incremental_learning : bool, default=False
        Whether a fit goes on by `partial_fit` from the size before, on scikit-learn's path.

    pre_dispatch : int or str, default='all'
        Used on scikit-learn's path only.

    verbose : int, default=0
        From 1 on the sizes are printed, from 2 on each fit.

    shuffle : bool, default=False
        Whether training parts are shuffled before the first of their samples are taken.

    random_state : int, RandomState instance or None, default=None
        Where the shuffles are drawn from; the draws are scikit-learn's.

    return_times : bool, default=False
        Whether to return the times, too.

    Returns
    -------
    train_sizes_abs : ndarray of shape (n_unique_ticks,)
        The numbers of samples.

    train_scores, test_scores : ndarray of shape (n_unique_ticks, n_folds)
        The scores.

    fit_times, score_times : ndarray of shape (n_unique_ticks, n_folds)
        In seconds, with `return_times`.

    Raises
    ------
    ValueError
        For bad parameters or data, and if all fits fail.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.model_selection import learning_curve
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(solver="lbfgs", hidden_layer_sizes=(5,), alpha=1, random_state=1)
    >>> sizes, train_scores, test_scores = learning_curve(
    ...     mlp, X, y, train_sizes=[30, 60, 120], shuffle=True, random_state=0
    ... )
    >>> sizes, test_scores.shape
    (array([ 30,  60, 120]), (3, 5))
    """
    return _native_or(
        _sklearn.learning_curve,
        _curves.learning_scores,
        native,
        estimator,
        (X, y, groups, params),
        verbose,
        pre_dispatch,
        train_sizes=train_sizes,
        cv=cv,
        scoring=scoring,
        exploit_incremental_learning=exploit_incremental_learning,
        n_jobs=n_jobs,
        shuffle=shuffle,
        random_state=random_state,
        error_score=error_score,
        return_times=return_times,
    )


@_validated
def validation_curve(
    estimator: Any,
    X: Samples,
    y: ArrayLike | None,
    *,
    param_name: str,
    param_range: Sequence[Any] | NDArray[Any],
    groups: ArrayLike | None = None,
    cv: CV = None,
    scoring: Scoring = None,
    n_jobs: int | None = None,
    pre_dispatch: int | str = "all",
    verbose: int = 0,
    error_score: float | Literal["raise"] = np.nan,
    params: Mapping[str, Any] | None = None,
    native: Native = "auto",
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Scores for each value of a parameter, native for skarma's networks.

    The function is scikit-learn's `validation_curve`; see `cross_validate`.

    Parameters
    ----------
    estimator, X, y, groups, cv, n_jobs, params, error_score, native
        As in `cross_validate`.

    param_name : str
        The parameter that varies.

    param_range : array-like of shape (n_values,)
        Its values.

    scoring : str or callable, default=None
        How fits are scored; None is the estimator's own score.

    pre_dispatch : int or str, default='all'
        Used on scikit-learn's path only.

    verbose : int, default=0
        From 2 on, scikit-learn's lines of each fit are printed.

    Returns
    -------
    train_scores, test_scores : ndarray of shape (n_values, n_folds)
        The scores.

    Raises
    ------
    ValueError
        For bad parameters or data.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.model_selection import validation_curve
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(solver="lbfgs", hidden_layer_sizes=(5,), random_state=1)
    >>> train_scores, test_scores = validation_curve(
    ...     mlp, X, y, param_name="alpha", param_range=[0.1, 1.0, 1000.0], cv=3
    ... )
    >>> test_scores.shape, bool(test_scores[0].mean() > test_scores[2].mean())
    ((3, 3), True)
    """
    return _native_or(
        _sklearn.validation_curve,
        _curves.validation_scores,
        native,
        estimator,
        (X, y, groups, params),
        verbose,
        pre_dispatch,
        param_name=param_name,
        param_range=param_range,
        cv=cv,
        scoring=scoring,
        n_jobs=n_jobs,
        error_score=error_score,
    )
