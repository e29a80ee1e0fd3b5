"""Searches over skarma's networks: scikit-learn's interface over the native search."""

import numbers
import time
import warnings

import numpy as np
from sklearn import get_config
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.model_selection import GridSearchCV as _SklearnGridSearchCV
from sklearn.model_selection import ParameterGrid, ParameterSampler, check_cv
from sklearn.model_selection import RandomizedSearchCV as _SklearnRandomizedSearchCV
from sklearn.model_selection._search import _yield_masked_array_for_each_param
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelBinarizer, MinMaxScaler, StandardScaler
from sklearn.utils import check_array, check_random_state, column_or_1d
from sklearn.utils.multiclass import type_of_target

from skarma import _native
from skarma._mlp import MLPClassifier, MLPRegressor, _plain, _state_of

__all__ = ["GridSearchCV", "RandomizedSearchCV"]

_MLPS = (MLPClassifier, MLPRegressor)
_SCALER_PARAMETERS = {
    StandardScaler: ("with_mean", "with_std"),
    MinMaxScaler: ("clip",),
}


class _NotNative(Exception):
    """Why a search takes scikit-learn's path."""


def _require(condition, reason):
    if not condition:
        raise _NotNative(reason)


def _has_callbacks(estimator):
    return bool(getattr(estimator, "_skl_callbacks", None))


class _Steps:
    """An estimator that the native search knows: scalers and a network."""

    def __init__(self, estimator):
        _require(not _has_callbacks(estimator), "the estimator has callbacks")
        self.scalers, self.mlp_name, self.mlp = [], "", estimator
        if type(estimator) is Pipeline:
            _require(estimator.memory is None, "the pipeline has a memory")
            *scalers, (self.mlp_name, self.mlp) = estimator.steps
            self.scalers = [(name, self._scaler(scaler)) for name, scaler in scalers]
        _require(
            type(self.mlp) in _MLPS,
            f"{type(self.mlp).__name__} is not exactly skarma's MLPClassifier or MLPRegressor",
        )

    @staticmethod
    def _scaler(scaler):
        _require(
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


def _metrics(scoring, scorers):
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
        raise _NotNative("scoring is a callable")
    _require(all(isinstance(name, str) for _, name in pairs), "scoring has a callable")
    order = list(scorers._scorers)
    return sorted(pairs, key=lambda pair: order.index(pair[0])), True


def _samples(X):
    """The samples as every fit would take them."""
    try:
        X = check_array(X, dtype=(np.float64, np.float32))
    except (ValueError, TypeError) as error:
        raise _NotNative(f"X is not a dense array of finite numbers: {error}") from None
    return np.ascontiguousarray(X)


def _targets(y, for_classifier):
    """The targets as the native search takes them."""
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    if not for_classifier:
        _require(y.dtype.kind in "fiu" and np.isfinite(y).all(), "y is not finite numbers")
        return _native.Target.numbers(np.ascontiguousarray(y, dtype=np.float64))
    kind = type_of_target(y)
    if kind == "multilabel-indicator":
        return _native.Target.multilabel(np.ascontiguousarray(y, dtype=np.float64))
    _require(kind in ("binary", "multiclass"), f"y is {kind}")
    _require(y.dtype.kind in "iufU", f"labels are of type {y.dtype}")
    classes = LabelBinarizer().fit(y).classes_
    return _native.Target.labels(classes, np.searchsorted(classes, y))


def _weights(sample_weight, n_samples):
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight, dtype=np.float64)
    _require(
        weights.shape == (n_samples,) and np.isfinite(weights).all(),
        "sample_weight is not one finite number a sample",
    )
    return weights


def _folds(splits):
    folds = []
    for train, test in splits:
        train, test = np.asarray(train), np.asarray(test)
        for part in (train, test):
            _require(
                part.dtype.kind in "iu" and part.size > 0 and part.min() >= 0,
                "cv does not yield index arrays",
            )
        folds.append((train.astype(np.uint32), test.astype(np.uint32)))
    return folds


def _native_candidate(estimator, candidate):
    """A candidate's parameters as the native search takes them, once they are known to be right."""
    changed = clone(estimator).set_params(**clone(candidate, safe=False))
    steps = _Steps(changed)
    for _, scaler in steps.scalers:
        scaler._validate_params()
    steps.mlp._validate_params()
    sizes = {
        name: list(np.ravel(value))
        for name, value in candidate.items()
        if name.rpartition("__")[2] == "hidden_layer_sizes"
    }
    for size in sizes.values():
        _require(all(int(n) > 0 for n in size), "a hidden layer has no units")
    plain = {
        name: [int(n) for n in sizes[name]] if name in sizes else _plain(value)
        for name, value in candidate.items()
    }
    for name, value in plain.items():
        _require(
            isinstance(value, (numbers.Real, str, list)),
            f"the value {value!r} of {name} has no native form",
        )
    return plain


class _NativeSearch:
    """The native path of a search, before scikit-learn's class in the order of bases."""

    def fit(self, X, y=None, **params):
        """Run fit with all sets of parameters.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Their targets.

        **params : dict of str -> object
            Parameters of the estimator's `fit`, of the scorer and of the splitter, such as
            `sample_weight` and `groups`.

        Returns
        -------
        self : object
            The fitted search.
        """
        try:
            job = self._native_job(X, y, params)
        except _NotNative as reason:
            super().fit(X, y, **params)
            self.search_path_ = str(reason)
            return self
        self._fit_native(X, y, params, *job)
        self.search_path_ = "native"
        return self

    def __dir__(self):
        # Whoever compares the fitted attributes of searches, as scikit-learn's own tests do, finds
        # scikit-learn's alone.
        return [name for name in super().__dir__() if name != "search_path_"]

    def _native_job(self, X, y, params):
        """What the native search needs. Raises _NotNative where it cannot do the same."""
        steps = _Steps(self.estimator)
        self._validate_params()
        _require(not _has_callbacks(self), "the search has callbacks")
        _require(y is not None, "there is no y")
        weighted = set(params) == {"sample_weight"} and not steps.scalers
        _require(
            not params or (weighted and not get_config()["enable_metadata_routing"]),
            f"fit was given {', '.join(params)}",
        )
        _require(not hasattr(self.cv, "__next__"), "cv can be iterated over but once")
        _require(self.error_score != "raise", "error_score is 'raise'")
        _require(steps.mlp.random_state is not None, "random_state is None")
        _require(not steps.mlp.verbose, "the network is verbose")
        scorers, refit_metric = self._get_scorers()
        metrics, is_multimetric = _metrics(self.scoring, scorers)
        x = _samples(X)
        for_classifier = is_classifier(self.estimator)
        try:
            candidates = self._candidates()
            native_candidates = [_native_candidate(self.estimator, c) for c in candidates]
            targets = _targets(y, for_classifier)
            weights = _weights(params.get("sample_weight"), len(x))
            _require(len(x) == len(y), "X and y have different lengths")
            _require(candidates, "there is nothing to fit")
            cv = check_cv(self.cv, y, classifier=for_classifier)
            folds = _folds(cv.split(X, y))
        except (ValueError, TypeError, AttributeError) as error:
            raise _NotNative(f"scikit-learn is to judge: {error}") from None
        mlp = steps.mlp._native_class(steps.mlp._native_parameters())
        mlp.set_random_state(_state_of(_copied(steps.mlp.random_state)))
        arguments = {
            "scalers": steps.native_scalers(),
            "mlp_name": steps.mlp_name,
            "mlp": mlp,
            "candidates": native_candidates,
            "x": x,
            "y": targets,
            "sample_weight": weights,
            "folds": folds,
            "metrics": metrics,
            "is_multimetric": is_multimetric,
            "return_train_score": self.return_train_score,
            "n_jobs": self.n_jobs,
            "error_score": float(self.error_score),
        }
        return arguments, candidates, scorers, refit_metric

    def _fit_native(self, X, y, params, arguments, candidates, scorers, refit_metric):
        self.n_splits_ = len(arguments["folds"])
        self.multimetric_ = arguments["is_multimetric"]
        if self.verbose > 0:
            print(
                f"Fitting {self.n_splits_} folds for each of {len(candidates)} candidates, "
                f"totalling {self.n_splits_ * len(candidates)} fits"
            )
        columns, problems, fit_warnings = _native.grid_search(**arguments)
        _warn(problems, fit_warnings)
        results = _with_parameters(columns, candidates)
        self.scorer_ = scorers._scorers if self.multimetric_ else scorers
        if self.refit or not self.multimetric_:
            self.best_index_ = self._select_best_index(self.refit, refit_metric, results)
            if not callable(self.refit):
                self.best_score_ = results[f"mean_test_{refit_metric}"][self.best_index_]
            self.best_params_ = candidates[self.best_index_]
        if self.refit:
            self._refit_best(X, y, params)
        self.cv_results_ = results
        return self

    def _refit_best(self, X, y, params):
        self.best_estimator_ = clone(self.estimator).set_params(
            **clone(self.best_params_, safe=False)
        )
        start = time.time()
        self.best_estimator_.fit(X, y, **params)
        self.refit_time_ = time.time() - start
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_


class GridSearchCV(_NativeSearch, _SklearnGridSearchCV):
    """Exhaustive search over parameter values, native for skarma's networks.

    The class is scikit-learn's `GridSearchCV`: every parameter, attribute and result means the
    same, and any estimator works. A search over skarma's own `MLPClassifier` or `MLPRegressor`, or
    over a scikit-learn `Pipeline` of `StandardScaler` or `MinMaxScaler` and one of them, with
    scorers given by name, runs natively: candidates and folds in one process on `n_jobs` threads
    without the GIL, X stored once. What does not fit takes scikit-learn's path.

    Parameters
    ----------
    estimator : estimator object
        What to search for the best parameters of.

    param_grid : dict or list of dict
        The values to try for each parameter.

    scoring : str, callable, list, tuple or dict, default=None
        How candidates are scored; None is the estimator's own score.

    n_jobs : int, default=None
        The whole thread budget of a native search: None is one thread, -1 every core that the
        process may use. Results do not depend on it.

    refit : bool, str or callable, default=True
        Whether to fit the best candidate on all samples; the metric that decides, or a callable
        that chooses a row of `cv_results_`.

    cv : int, splitter or iterable, default=None
        How samples are split; None is five folds.

    verbose : int, default=0
        Whether to print what is done.

    pre_dispatch : int or str, default='2*n_jobs'
        Used on scikit-learn's path only.

    error_score : 'raise' or float, default=np.nan
        The score of a fit that fails.

    return_train_score : bool, default=False
        Whether training scores are computed as well.

    Attributes
    ----------
    search_path_ : str
        "native", or why the search took scikit-learn's path.

    cv_results_, best_estimator_, best_score_, best_params_, best_index_, scorer_, n_splits_, \
refit_time_, multimetric_, classes_, n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.model_selection import GridSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(solver="lbfgs", hidden_layer_sizes=(5,), random_state=1)
    >>> search = GridSearchCV(mlp, {"alpha": [1.0, 100.0]}).fit(X, y)
    >>> search.best_params_, search.search_path_
    ({'alpha': 1.0}, 'native')
    """

    def _candidates(self):
        return list(ParameterGrid(self.param_grid))


class RandomizedSearchCV(_NativeSearch, _SklearnRandomizedSearchCV):
    """Randomised search over parameter values, native for skarma's networks.

    The class is scikit-learn's `RandomizedSearchCV`; what runs natively, and how, is said at
    `GridSearchCV`.

    Parameters
    ----------
    estimator : estimator object
        What to search for the best parameters of.

    param_distributions : dict or list of dict
        The values, or the distribution, to draw each parameter from.

    n_iter : int, default=10
        How many candidates are drawn.

    random_state : int, RandomState instance or None, default=None
        Where candidates are drawn from; the draws are scikit-learn's.

    scoring, n_jobs, refit, cv, verbose, pre_dispatch, error_score, return_train_score
        As in `GridSearchCV`.

    Attributes
    ----------
    search_path_ : str
        "native", or why the search took scikit-learn's path.

    cv_results_, best_estimator_, best_score_, best_params_, best_index_, scorer_, n_splits_, \
refit_time_, multimetric_, classes_, n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.model_selection import RandomizedSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(solver="lbfgs", hidden_layer_sizes=(5,), random_state=1)
    >>> alphas = {"alpha": loguniform(1e-3, 1e3)}
    >>> search = RandomizedSearchCV(mlp, alphas, n_iter=4, random_state=0).fit(X, y)
    >>> len(search.cv_results_["params"]), search.search_path_
    (4, 'native')
    """

    def _candidates(self):
        # From a copy of the generator: if scikit-learn's path is taken, it draws them again.
        generator = _copied(self.random_state)
        candidates = list(
            ParameterSampler(self.param_distributions, self.n_iter, random_state=generator)
        )
        self._drawn_state = generator.get_state()
        return candidates

    def _fit_native(self, *job):
        check_random_state(self.random_state).set_state(self.__dict__.pop("_drawn_state"))
        return super()._fit_native(*job)


def _copied(random_state):
    """A generator in the state that every fit of a search starts from."""
    own = np.random.RandomState()
    own.set_state(check_random_state(random_state).get_state())
    return own


def _with_parameters(columns, candidates):
    """cv_results_: the native columns, and the parameters where scikit-learn has them."""
    results = {}
    for name, values in columns.items():
        results[name] = values
        if name == "std_score_time":
            results |= dict(_yield_masked_array_for_each_param(candidates))
            results["params"] = candidates
    return results


def _warn(problems, fit_warnings):
    for text in problems:
        category = FitFailedWarning if "fits failed out of" in text else UserWarning
        warnings.warn(text, category, stacklevel=4)
    for text in fit_warnings:
        warnings.warn(text, ConvergenceWarning, stacklevel=4)
