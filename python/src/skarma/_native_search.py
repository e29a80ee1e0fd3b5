"""What the native search needs of scikit-learn's objects, and what becomes of its answer."""

import numbers
import warnings

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.model_selection._search import _yield_masked_array_for_each_param
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils import check_array, check_random_state, column_or_1d
from sklearn.utils.multiclass import type_of_target

from skarma._base_mlp import plain
from skarma._mlp import MLPClassifier, MLPRegressor

_MLPS = (MLPClassifier, MLPRegressor)
_SCALER_PARAMETERS = {
    StandardScaler: ("with_mean", "with_std"),
    MinMaxScaler: ("clip",),
}


class NotNative(Exception):
    """Why a search takes scikit-learn's path."""


def require(condition, reason):
    if not condition:
        raise NotNative(reason)


def has_callbacks(estimator):
    return bool(getattr(estimator, "_skl_callbacks", None))


class Steps:
    """An estimator that the native search knows: scalers and a network."""

    def __init__(self, estimator):
        require(not has_callbacks(estimator), "the estimator has callbacks")
        self.scalers, self.mlp_name, self.mlp = [], "", estimator
        if type(estimator) is Pipeline:
            require(estimator.memory is None, "the pipeline has a memory")
            *scalers, (self.mlp_name, self.mlp) = estimator.steps
            self.scalers = [(name, self._scaler(scaler)) for name, scaler in scalers]
        require(
            type(self.mlp) in _MLPS,
            f"{type(self.mlp).__name__} is not exactly skarma's MLPClassifier or MLPRegressor",
        )

    @staticmethod
    def _scaler(scaler):
        require(
            type(scaler) in _SCALER_PARAMETERS,
            f"a step of the pipeline is neither StandardScaler nor MinMaxScaler: {scaler!r}",
        )
        return scaler

    def native_scalers(self):
        """Names, classes and parameters for the native search."""
        rows = []
        for name, scaler in self.scalers:
            parameters = {key: getattr(scaler, key) for key in _SCALER_PARAMETERS[type(scaler)]}
            if type(scaler) is MinMaxScaler:
                low, high = scaler.feature_range
                parameters |= {"low": float(low), "high": float(high)}
            rows.append((name, type(scaler).__name__, parameters))
        return rows


def metrics_of(scoring, scorers):
    """Each metric's name in cv_results_ with its scorer's, and whether there are several."""
    if scoring is None:
        return [("score", "")], False
    if isinstance(scoring, str):
        return [("score", scoring)], False
    if isinstance(scoring, dict):
        pairs = list(scoring.items())
    elif isinstance(scoring, (list, tuple, set)):
        pairs = [(name, name) for name in scoring]
    else:
        raise NotNative("scoring is a callable")
    require(all(isinstance(name, str) for _, name in pairs), "scoring has a callable")
    order = list(scorers._scorers)
    return sorted(pairs, key=lambda pair: order.index(pair[0])), True


def samples_of(X):
    """The samples as every fit would take them."""
    try:
        X = check_array(X, dtype=(np.float64, np.float32))
    except (ValueError, TypeError) as error:
        raise NotNative(f"X is not a dense array of finite numbers: {error}") from None
    return np.ascontiguousarray(X)


def targets_of(y, mlp):
    """The targets as the network would encode them."""
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    encoder = clone(mlp)
    if is_classifier(mlp):
        kind = type_of_target(y)
        require(kind in ("binary", "multiclass", "multilabel-indicator"), f"y is {kind}")
        require(y.dtype.kind in "iufU", f"labels are of type {y.dtype}")
        encoder._learn_labels(y)
    else:
        require(y.dtype.kind in "fiu" and np.isfinite(y).all(), "y is not finite numbers")
    return encoder._target(y)


def weights_of(sample_weight, n_samples):
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight, dtype=np.float64)
    require(
        weights.shape == (n_samples,) and np.isfinite(weights).all(),
        "sample_weight is not one finite number a sample",
    )
    return weights


def folds_of(splits):
    folds = []
    for train, test in splits:
        train, test = np.asarray(train), np.asarray(test)
        for part in (train, test):
            require(
                part.dtype.kind in "iu" and part.size > 0 and part.min() >= 0,
                "cv does not yield index arrays",
            )
        folds.append((train.astype(np.uint32), test.astype(np.uint32)))
    return folds


def native_candidate(estimator, candidate):
    """A candidate's parameters as the native search takes them, once they are known to be right."""
    changed = clone(estimator).set_params(**clone(candidate, safe=False))
    steps = Steps(changed)
    for _, scaler in steps.scalers:
        scaler._validate_params()
    steps.mlp._validate_params()
    native = {}
    for name, value in candidate.items():
        if name.rpartition("__")[2] == "hidden_layer_sizes":
            value = steps.mlp._hidden_layer_sizes()
        value = plain(value)
        require(
            isinstance(value, (numbers.Real, str, list)),
            f"the value {value!r} of {name} has no native form",
        )
        native[name] = value
    return native


def copied(random_state):
    """A generator in the state that every fit of a search starts from."""
    own = np.random.RandomState()
    own.set_state(check_random_state(random_state).get_state())
    return own


def with_parameters(columns, candidates):
    """cv_results_: the native columns, and the parameters where scikit-learn has them."""
    results = {}
    for name, values in columns.items():
        results[name] = values
        if name == "std_score_time":
            results |= dict(_yield_masked_array_for_each_param(candidates))
            results["params"] = candidates
    return results


def warn_about(problems, fit_warnings):
    for text in problems:
        category = FitFailedWarning if "fits failed out of" in text else UserWarning
        warnings.warn(text, category, stacklevel=4)
    for text in fit_warnings:
        warnings.warn(text, ConvergenceWarning, stacklevel=4)
