"""Permutation importance of skarma's networks, on threads that share the samples."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
import sklearn.inspection as _sklearn
from joblib import effective_n_jobs
from joblib.parallel import LokyBackend, SequentialBackend, get_active_backend
from sklearn.metrics import check_scoring
from sklearn.utils import Bunch, check_array, check_random_state
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.random import sample_without_replacement

from skarma._base_mlp import BaseMLP
from skarma._fallback import NotNative
from skarma._native_search import Steps
from skarma._sklearn_private import _safe_indexing, validate_params

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from skarma._types import F, RandomState, Scorings


def _validated(function: F) -> F:
    constraints = _sklearn.permutation_importance._skl_parameter_constraints
    return validate_params(constraints, prefer_skip_nested_validation=True)(function)


@_validated
def permutation_importance(
    estimator: Any,
    X: ArrayLike,
    y: ArrayLike | None,
    *,
    scoring: Scorings = None,
    n_repeats: int = 5,
    n_jobs: int | None = None,
    random_state: RandomState = None,
    sample_weight: ArrayLike | None = None,
    max_samples: float = 1.0,
) -> Any:
    """By how much the score falls when a feature's values are shuffled among the samples.

    The function is scikit-learn's `permutation_importance` (L. Breiman, "Random Forests", 2001):
    every parameter and result means the same, and any estimator works. Of skarma's
    `MLPClassifier` and `MLPRegressor`, alone or at the end of a pipeline, `n_jobs` threads score
    the features of an array X without the GIL, each on one copy of X.

    Parameters
    ----------
    estimator : estimator object
        A fitted estimator.

    X : array-like of shape (n_samples, n_features)
        The samples to score on.

    y : array-like of shape (n_samples,) or (n_samples, n_outputs), or None
        Their targets.

    scoring : str, callable, list, tuple or dict, default=None
        How predictions are scored; None is the estimator's own score.

    n_repeats : int, default=5
        How often each feature is shuffled.

    n_jobs : int, default=None
        The number of threads: None is what `joblib.parallel_config` says, or one, -1 every core.
        Results do not depend on it.

    random_state : int, RandomState instance or None, default=None
        Where the shuffles are drawn from; the draws are scikit-learn's.

    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the samples in the scores.

    max_samples : int or float, default=1.0
        How many samples, or which part of them, are drawn for the shuffled scores.

    Returns
    -------
    result : Bunch, or dict of str -> Bunch
        `importances` of shape (n_features, n_repeats), their `importances_mean` and
        `importances_std` of shape (n_features,); by the metrics' names where there are several.

    Raises
    ------
    ValueError
        For bad parameters or data.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.inspection import permutation_importance
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(solver="lbfgs", hidden_layer_sizes=(5,), alpha=1, random_state=1)
    >>> result = permutation_importance(mlp.fit(X, y), X, y, random_state=0, n_jobs=2)
    >>> int(result.importances_mean.argmax())
    2
    """
    if not _shares_threads(estimator, X):
        return _sklearn.permutation_importance(
            estimator,
            X,
            y,
            scoring=scoring,
            n_repeats=n_repeats,
            n_jobs=n_jobs,
            random_state=random_state,
            sample_weight=sample_weight,
            max_samples=max_samples,
        )
    samples: Any = check_array(X, ensure_all_finite="allow-nan", dtype=None)
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max + 1)
    if not isinstance(max_samples, numbers.Integral):
        max_samples = int(max_samples * samples.shape[0])
    elif max_samples > samples.shape[0]:
        raise ValueError("max_samples must be <= n_samples")
    score = _Scores(check_scoring(estimator, scoring=scoring), estimator)
    whole = score(samples, y, sample_weight)
    rng = check_random_state(seed)
    if max_samples < samples.shape[0]:
        rows = sample_without_replacement(samples.shape[0], max_samples, random_state=rng)
        samples, y = _safe_indexing(samples, rows), _safe_indexing(y, rows)
        if sample_weight is not None:
            sample_weight = _safe_indexing(sample_weight, rows)
    orders = _orders(rng, samples.shape[0], n_repeats)
    n_threads = min(effective_n_jobs(n_jobs), samples.shape[1])
    parts = np.array_split(np.arange(samples.shape[1]), n_threads)
    done = Parallel(n_jobs=n_threads, backend="threading")(
        delayed(_shuffled)(score, samples, y, sample_weight, part, orders) for part in parts
    )
    scores = [row for part in done for row in part]
    if not isinstance(whole, dict):
        return _importances(whole, np.array(scores))
    return {
        name: _importances(of_all, np.array([[s[name] for s in row] for row in scores]))
        for name, of_all in whole.items()
    }


def _shares_threads(estimator: Any, X: Any) -> bool:
    """Whether threads may score it: predictions that let go of the GIL, columns of an array."""
    backend, _ = get_active_backend()
    if not isinstance(backend, (LokyBackend, SequentialBackend)) or hasattr(X, "iloc"):
        return False
    try:
        # Transformers of others may keep something from one call to the next.
        steps = Steps(estimator)
    except NotNative:
        return isinstance(estimator, BaseMLP)
    return isinstance(steps.mlp, BaseMLP)


class _Scores:
    """A scorer with its estimator, and weights if there are any."""

    def __init__(self, scorer: Any, estimator: Any) -> None:
        self._scorer, self._estimator = scorer, estimator

    def __call__(self, X: Any, y: Any, sample_weight: Any) -> Any:
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        return self._scorer(self._estimator, X, y, **weights)


def _orders(rng: Any, n_samples: int, n_repeats: int) -> list[Any]:
    """The rows whose values a feature has in each repeat: each shuffles the one before.

    scikit-learn gives every feature the same generator, so that they are the same for all.
    """
    shuffled, order, orders = np.arange(n_samples), np.arange(n_samples), []
    for _ in range(n_repeats):
        rng.shuffle(shuffled)
        order = order[shuffled]
        orders.append(order)
    return orders


def _shuffled(
    score: Any, X: Any, y: Any, sample_weight: Any, columns: Any, orders: Any
) -> list[list[Any]]:
    """The scores of some features, each shuffled in turns, on one copy of the samples."""
    changed, scores = X.copy(), []
    for column in columns:
        row = []
        for order in orders:
            changed[:, column] = X[order, column]
            row.append(score(changed, y, sample_weight))
        changed[:, column] = X[:, column]
        scores.append(row)
    return scores


def _importances(whole: Any, shuffled: Any) -> Any:
    importances = whole - shuffled
    return Bunch(
        importances_mean=np.mean(importances, axis=1),
        importances_std=np.std(importances, axis=1),
        importances=importances,
    )
