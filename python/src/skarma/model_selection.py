"""Searches over skarma's networks: scikit-learn's interface over the native search."""

import time

from sklearn import get_config
from sklearn.base import clone, is_classifier
from sklearn.model_selection import GridSearchCV as _SklearnGridSearchCV
from sklearn.model_selection import ParameterGrid, ParameterSampler, check_cv
from sklearn.model_selection import RandomizedSearchCV as _SklearnRandomizedSearchCV
from sklearn.utils import check_random_state

from skarma import _native
from skarma._base_mlp import state_of
from skarma._native_search import (
    NotNative,
    Steps,
    copied,
    folds_of,
    has_callbacks,
    metrics_of,
    native_candidate,
    require,
    samples_of,
    targets_of,
    warn_about,
    weights_of,
    with_parameters,
)

__all__ = ["GridSearchCV", "RandomizedSearchCV"]


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
        except NotNative as reason:
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
        """What the native search needs. Raises NotNative where it cannot do the same."""
        steps = Steps(self.estimator)
        self._validate_params()
        require(not has_callbacks(self), "the search has callbacks")
        require(y is not None, "there is no y")
        weighted = set(params) == {"sample_weight"} and not steps.scalers
        require(
            not params or (weighted and not get_config()["enable_metadata_routing"]),
            f"fit was given {', '.join(params)}",
        )
        require(not hasattr(self.cv, "__next__"), "cv can be iterated over but once")
        require(self.error_score != "raise", "error_score is 'raise'")
        require(steps.mlp.random_state is not None, "random_state is None")
        require(not steps.mlp.verbose, "the network is verbose")
        scorers, refit_metric = self._get_scorers()
        metrics, is_multimetric = metrics_of(self.scoring, scorers)
        x = samples_of(X)
        try:
            candidates = self._candidates()
            native_candidates = [native_candidate(self.estimator, c) for c in candidates]
            targets = targets_of(y, steps.mlp)
            weights = weights_of(params.get("sample_weight"), len(x))
            require(len(x) == len(y), "X and y have different lengths")
            require(candidates, "there is nothing to fit")
            cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
            folds = folds_of(cv.split(X, y))
        except (ValueError, TypeError, AttributeError) as error:
            raise NotNative(f"scikit-learn is to judge: {error}") from None
        mlp = steps.mlp._native_class(steps.mlp._native_parameters())
        mlp.set_random_state(state_of(copied(steps.mlp.random_state)))
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
        warn_about(problems, fit_warnings)
        results = with_parameters(columns, candidates)
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

    def _native_job(self, X, y, params):
        self._validate_params()
        generator = check_random_state(self.random_state)
        before = generator.get_state()
        try:
            return super()._native_job(X, y, params)
        except NotNative:
            generator.set_state(before)  # scikit-learn's path draws the candidates again
            raise

    def _candidates(self):
        return list(
            ParameterSampler(self.param_distributions, self.n_iter, random_state=self.random_state)
        )
