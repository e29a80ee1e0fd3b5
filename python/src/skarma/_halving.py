"""Successive halving over skarma's networks: scikit-learn's rungs, each fitted natively."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skarma._fallback import FallbackReason as Why
from skarma._fallback import judged_by_sklearn, require
from skarma._kept_fits import KeptStates, check_can_go_on
from skarma._native_fits import NativeFits, Rung
from skarma._native_job import draws_undone
from skarma._native_search import final_step
from skarma._search import _names, _NativeSearch, _with_native
from skarma._sklearn_private import HalvingGridSearchCV as _SklearnHalvingGridSearchCV
from skarma._sklearn_private import HalvingRandomSearchCV as _SklearnHalvingRandomSearchCV

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from numpy.typing import ArrayLike

    from skarma._types import CV, Grid, Native, RandomState, Samples, Scoring

__all__ = ["HalvingGridSearchCV", "HalvingRandomSearchCV"]


class _NobodysContext:
    """What scikit-learn tells the tasks of a search that nobody watches."""

    def subcontext(self, *args: Any, **kwargs: Any) -> Any:
        return self

    call_on_fit_task_begin = call_on_fit_task_end = subcontext


class _NativeHalving(_NativeSearch):
    """The native path of a halving search."""

    keep_state: bool = False

    if TYPE_CHECKING:  # what a search leaves behind
        n_resources_: list[int]
        n_candidates_: list[int]
        n_remaining_candidates_: int
        n_iterations_: int
        n_possible_iterations_: int
        n_required_iterations_: int
        max_resources_: int
        min_resources_: int

    def fit(self, X: Samples, y: ArrayLike | None = None, **params: Any) -> Self:
        """Run fit with all sets of parameters, rung by rung.

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
        self._check_keep_state()
        super().fit(X, y, **params)
        self.best_score_ = self.cv_results_["mean_test_score"][self.best_index_]
        return self

    def _check_keep_state(self) -> None:
        """Raise ValueError where networks are to go on from rung to rung and cannot."""
        if not self.keep_state:
            return
        name = "max_iter"
        if final_step(self.estimator) is not self.estimator:
            name = f"{self.estimator.steps[-1][0]}__{name}"
        if self.resource != name:
            raise ValueError(f"keep_state=True needs resource={name!r}. Got {self.resource!r}.")
        if self.native == "never":
            raise ValueError("keep_state=True needs a native search. Got native='never'.")

    def _search_mode(self) -> str:
        return "require" if self.keep_state else self.native

    def _native_search(self, X: Any, y: Any, params: Any, behind_prefixes: bool) -> Any:
        require(
            not (self.keep_state and behind_prefixes),
            Why.TRANSFORMER,
            "keep_state=True is for transformers that the library has itself",
        )
        fits = NativeFits(self, X, y, params, behind_prefixes)
        self._n_samples_orig = fits.n_samples
        self._checked_cv_orig, self.n_splits_ = fits.cv, fits.n_splits
        with judged_by_sklearn():
            self._check_input_parameters(fits.X, fits.y, fits.given.split)
            # A look ahead, before anything is said: at all candidates with all that there is.
            with draws_undone(self, self.cv, always=True), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                candidates = list(self._generate_candidate_params())
                if self.resource != "n_samples":
                    candidates = [c | {self.resource: self.max_resources_} for c in candidates]
                first = fits.of(candidates)
                if self.keep_state:
                    for network in first.mlps:
                        check_can_go_on(network)
                return fits, first

    def _run_native_search(self, evaluate: Any, first: Rung, callback_ctx: Any) -> None:
        if callback_ctx is None and hasattr(self, "_init_callback_context"):
            callback_ctx = _NobodysContext()
        if not self.keep_state:
            self._run_search(evaluate, callback_ctx=callback_ctx)
            return
        kept = self._kept = KeptStates(first.fits, self.resource)

        def going_on(candidates: Any, *args: Any, more_results: Any = None, **given: Any) -> Any:
            more_results["n_resources_before"] = kept.n_epochs_before(candidates)
            return evaluate(candidates, *args, more_results=more_results, **given)

        try:
            self._run_search(going_on, callback_ctx=callback_ctx)
        finally:
            del self._kept

    def _made_rung(self, rung: Rung) -> Rung:
        return self._kept.rung(rung) if self.keep_state else rung


class HalvingGridSearchCV(_NativeHalving, _SklearnHalvingGridSearchCV):
    """Successive halving over parameter values, native for skarma's networks.

    The class is scikit-learn's `HalvingGridSearchCV`, without its experimental import: all
    candidates are fitted with few resources, the best of them with more, and so on. Every
    parameter, attribute and result means the same, and any estimator works. What runs natively,
    and how, is said at `GridSearchCV`; here each rung does.

    Parameters
    ----------
    estimator : estimator object
        What to search for the best parameters of.

    param_grid : dict or list of dict
        The values to try for each parameter.

    factor : int or float, default=3
        By what the candidates become fewer, and the resources more, from rung to rung.

    resource : str, default='n_samples'
        What there is more of from rung to rung: samples, or a parameter of the estimator that is
        a positive integer, such as `max_iter`.

    max_resources : int, default='auto'
        The most that a candidate may have; 'auto' is the number of samples.

    min_resources : {'exhaust', 'smallest'} or int, default='exhaust'
        What each candidate has in the first rung: 'exhaust' so much that the last has all that
        there is, 'smallest' two samples for each fold (and class), or 1 of a parameter.

    aggressive_elimination : bool, default=False
        Whether rungs of the least resources come first until few candidates enough are left.

    cv : int, splitter or iterable, default=5
        How samples are split; the folds must be the same each time.

    scoring : str, callable or None, default=None
        How candidates are scored; None is the estimator's own score.

    refit : bool or callable, default=True
        Whether to fit the best candidate of the last rung on all samples.

    error_score : 'raise' or float, default=np.nan
        The score of a fit that fails.

    return_train_score : bool, default=True
        Whether training scores are computed as well.

    random_state : int, RandomState instance or None, default=None
        Where the samples of a rung are drawn from.

    n_jobs, verbose, native
        As in `GridSearchCV`.

    keep_state : bool, default=False
        Whether networks go on from rung to rung with their weights, moments and generator, instead
        of from the start; of `resource='max_iter'` alone. They are then, bit by bit, those of
        trainings from the start, in less time, and scikit-learn's scorers score them. The column
        `n_resources_before` of `cv_results_` says how many epochs a candidate had behind it. The
        networks need a `random_state`, minibatches, and what does not depend on where a training is
        cut: no early stopping, dropout or noise, no schedule that needs the number of epochs.

    Attributes
    ----------
    search_path_, fallback_reason_
        As in `GridSearchCV`.

    n_resources_, n_candidates_ : list of int
        The resources, and the candidates, of each rung.

    n_remaining_candidates_, max_resources_, min_resources_, n_iterations_, \
n_possible_iterations_, n_required_iterations_, cv_results_, best_estimator_, best_score_, \
best_params_, best_index_, scorer_, n_splits_, refit_time_, multimetric_, classes_, \
n_features_in_, feature_names_in_
        As in scikit-learn; `cv_results_` has the columns `iter` and `n_resources`, too.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.model_selection import HalvingGridSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier((5,), learning_rate_init=0.01, batch_size=10, random_state=1)
    >>> grid = {"alpha": [1e-4, 1e-2, 1.0], "activation": ["relu", "tanh", "logistic"]}
    >>> search = HalvingGridSearchCV(
    ...     mlp, grid, resource="max_iter", min_resources=2, max_resources=18, random_state=0
    ... ).fit(X, y)
    >>> search.n_candidates_, search.n_resources_, search.search_path_
    ([9, 3, 1], [2, 6, 18], 'native')
    """

    _parameter_constraints = _with_native(_SklearnHalvingGridSearchCV, keep_state=["boolean"])

    def __init__(
        self,
        estimator: Any,
        param_grid: Grid,
        *,
        factor: float = 3,
        resource: str = "n_samples",
        max_resources: int | Literal["auto"] = "auto",
        min_resources: int | Literal["exhaust", "smallest"] = "exhaust",
        aggressive_elimination: bool = False,
        cv: CV = 5,
        scoring: Scoring = None,
        refit: bool | Callable[..., Any] = True,
        error_score: float | Literal["raise"] = np.nan,
        return_train_score: bool = True,
        random_state: RandomState = None,
        n_jobs: int | None = None,
        verbose: int = 0,
        native: Native = "auto",
        keep_state: bool = False,
    ) -> None:
        super().__init__(
            estimator,
            param_grid,
            factor=factor,
            resource=resource,
            max_resources=max_resources,
            min_resources=min_resources,
            aggressive_elimination=aggressive_elimination,
            cv=cv,
            scoring=scoring,
            refit=refit,
            error_score=error_score,
            return_train_score=return_train_score,
            random_state=random_state,
            n_jobs=n_jobs,
            verbose=verbose,
        )
        self.native = native
        self.keep_state = keep_state

    def _parameter_names(self) -> set[str]:
        return _names(self.param_grid)


class HalvingRandomSearchCV(_NativeHalving, _SklearnHalvingRandomSearchCV):
    """Successive halving over draws of parameters, native for skarma's networks.

    The class is scikit-learn's `HalvingRandomSearchCV`, without its experimental import; see
    `HalvingGridSearchCV`.

    Parameters
    ----------
    estimator : estimator object
        What to search for the best parameters of.

    param_distributions : dict or list of dict
        The values, or the distribution, to draw each parameter from.

    n_candidates : int, default='exhaust'
        How many candidates are drawn; 'exhaust' so many that the last rung has all resources.

    min_resources : {'exhaust', 'smallest'} or int, default='smallest'
        What each candidate has in the first rung; not 'exhaust' where `n_candidates` is.

    random_state : int, RandomState instance or None, default=None
        Where candidates, and the samples of a rung, are drawn from; the draws are scikit-learn's.

    factor, resource, max_resources, aggressive_elimination, cv, scoring, refit, error_score, \
return_train_score, n_jobs, verbose, native, keep_state
        As in `HalvingGridSearchCV`.

    Attributes
    ----------
    search_path_, fallback_reason_, n_resources_, n_candidates_, n_remaining_candidates_, \
max_resources_, min_resources_, n_iterations_, n_possible_iterations_, n_required_iterations_, \
cv_results_, best_estimator_, best_score_, best_params_, best_index_, scorer_, n_splits_, \
refit_time_, multimetric_, classes_, n_features_in_, feature_names_in_
        As in `HalvingGridSearchCV`.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.model_selection import HalvingRandomSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier((5,), solver="lbfgs", random_state=1)
    >>> search = HalvingRandomSearchCV(mlp, {"alpha": loguniform(1e-3, 1e3)}, random_state=0)
    >>> search = search.fit(X, y)
    >>> search.n_candidates_, search.n_resources_, search.search_path_
    ([5, 2], [30, 90], 'native')
    """

    _parameter_constraints = _with_native(_SklearnHalvingRandomSearchCV, keep_state=["boolean"])

    def __init__(
        self,
        estimator: Any,
        param_distributions: Grid,
        *,
        n_candidates: int | Literal["exhaust"] = "exhaust",
        factor: float = 3,
        resource: str = "n_samples",
        max_resources: int | Literal["auto"] = "auto",
        min_resources: int | Literal["exhaust", "smallest"] = "smallest",
        aggressive_elimination: bool = False,
        cv: CV = 5,
        scoring: Scoring = None,
        refit: bool | Callable[..., Any] = True,
        error_score: float | Literal["raise"] = np.nan,
        return_train_score: bool = True,
        random_state: RandomState = None,
        n_jobs: int | None = None,
        verbose: int = 0,
        native: Native = "auto",
        keep_state: bool = False,
    ) -> None:
        super().__init__(
            estimator,
            param_distributions,
            n_candidates=n_candidates,
            factor=factor,
            resource=resource,
            max_resources=max_resources,
            min_resources=min_resources,
            aggressive_elimination=aggressive_elimination,
            cv=cv,
            scoring=scoring,
            refit=refit,
            error_score=error_score,
            return_train_score=return_train_score,
            random_state=random_state,
            n_jobs=n_jobs,
            verbose=verbose,
        )
        self.native = native
        self.keep_state = keep_state

    def _parameter_names(self) -> set[str]:
        return _names(self.param_distributions)
