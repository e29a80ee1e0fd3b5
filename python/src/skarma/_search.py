"""Searches over skarma's networks: scikit-learn's interface over the native search."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV as _SklearnGridSearchCV
from sklearn.model_selection import ParameterGrid, ParameterSampler
from sklearn.model_selection import RandomizedSearchCV as _SklearnRandomizedSearchCV
from sklearn.utils.validation import check_is_fitted

from skarma._devices import require_devices
from skarma._fallback import NATIVE, Fallback, judged_by_sklearn
from skarma._host_data import host_data
from skarma._native_fits import Evaluated, NativeFits, Rows, Rung
from skarma._native_job import native_or_reason
from skarma._native_search import final_step
from skarma._prefix_job import natively
from skarma._search_callbacks import NoEvents, SearchEvents, are_told, managed
from skarma._search_plot import draw_search
from skarma._search_progress import FitLines, search_progress
from skarma._search_report import Messages, SearchReport, report_of
from skarma._sklearn_private import (
    StrOptions,
    _insert_error_scores,
    _warn_or_raise_about_fit_failures,
)
from skarma._typed_sklearn import Mixin

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from skarma._fallback import FallbackReason
    from skarma._types import CV, Grid, Native, RandomState, Samples, Scorings

__all__ = ["GridSearchCV", "RandomizedSearchCV"]

_OF_JOURNAL = {"journal": [str, os.PathLike, None]}
_OF_OURS = ("search_path_", "fallback_reason_", "report_")
_OF_THE_BEST = ("best_index_", "best_score_", "best_params_", "best_estimator_", "refit_time_")


def _with_native(theirs: Any, **more: Any) -> Any:
    """The constraints of scikit-learn's class, that of `native`, and more."""
    return {**theirs._parameter_constraints, "native": [StrOptions(set(NATIVE))], **more}


def _names(grid: Any) -> set[str]:
    """Of the parameters that a grid, or a list of grids, varies."""
    grids = grid if isinstance(grid, (list, tuple)) else [grid]
    return {name for one in grids if isinstance(one, Mapping) for name in one}


def _has_networks_of_nn(estimator: Any) -> bool:
    """Whether skarma.nn, which takes its time to import, is there and may be asked."""
    return type(final_step(estimator)).__module__.startswith("skarma.nn.")


def epoch_runs(search: Any) -> Any:
    """What shares trainings of networks of `skarma.nn` that differ in epochs alone."""
    if not _has_networks_of_nn(search.estimator):
        return nullcontext()
    from skarma.nn import _epoch_runs

    return _epoch_runs.shared(search, search._parameter_names())


def runs_among(estimator: Any, candidates: Any) -> Any:
    """Let these candidates share the trainings of the search that `epoch_runs` is of."""
    if not _has_networks_of_nn(estimator):
        return nullcontext()
    from skarma.nn import _epoch_runs

    runs = _epoch_runs.runs_of(estimator)
    return runs.of(estimator, candidates) if runs else nullcontext()


def _opened_journal(search: Any, rung: Any) -> Any:
    """The journal of a search, if it has one."""
    if search.journal is None:
        return nullcontext()
    from skarma import _journal  # which needs a Python with SQLite

    return _journal.opened(search, rung)


def _require_no_journal(search: Any, reason: str) -> None:
    """Raise a ValueError for a journal of a search on scikit-learn's path, before it begins."""
    if search.journal is None:
        return
    search._validate_params()
    raise ValueError(
        "A journal needs a native search; this one would take scikit-learn's path: "
        + reason.removesuffix(".")
        + "."
    )


class _NativeSearch(Mixin):
    """The native path of a search, before scikit-learn's class in the order of bases."""

    native: str = "auto"  # of searches that were pickled before there was a choice
    journal: Any = None  # of searches that were pickled before there was one, and of halving ones

    if TYPE_CHECKING:  # what a search leaves behind
        search_path_: str
        fallback_reason_: FallbackReason | None
        cv_results_: dict[str, Any]
        best_estimator_: Any
        best_score_: float
        best_params_: dict[str, Any]
        best_index_: int
        n_splits_: int
        refit_time_: float
        multimetric_: bool

    def fit(self, X: Samples, y: ArrayLike | None = None, **params: Any) -> Self:
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
        X, y, _, params = host_data(self.estimator, X, y, None, params)
        owners = self, self.cv

        def run() -> None:
            native = natively(
                self.estimator,
                owners,
                lambda behind_prefixes: self._native_search(X, y, params, behind_prefixes),
            )
            with managed(self):
                # A later rung or prefix may not be native after all.
                self._fit_native(*native)

        _, fallback = native_or_reason(self._search_mode(), owners, run)
        if fallback is not None:
            _require_no_journal(self, fallback.sentence)
            with epoch_runs(self) as runs:
                super().fit(X, y, **params)
            if runs:
                fallback = fallback._replace(sentence=runs.told(fallback.sentence))
        self._say_path(fallback)
        return self

    def score(self, X: Samples, y: ArrayLike | None = None, **params: Any) -> float:
        """Score the best estimator, as `scoring` says.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Their targets.

        **params : dict of str -> object
            Parameters of the scorer, with scikit-learn's metadata routing.

        Returns
        -------
        score : float
            The score.
        """
        X, y, _, params = host_data(self.estimator, X, y, None, params)
        return super().score(X, y, **params)

    def _run_search(self, evaluate_candidates: Any, *, callback_ctx: Any = None) -> None:
        # scikit-learn's path; versions before 1.9 have no callbacks.
        def evaluate(candidates: Any, *args: Any, **kwargs: Any) -> Any:
            candidates = list(candidates)
            require_devices(self.estimator, candidates)
            with runs_among(self.estimator, candidates):
                return evaluate_candidates(candidates, *args, **kwargs)

        context = {} if callback_ctx is None else {"callback_ctx": callback_ctx}
        super()._run_search(evaluate, **context)

    def __dir__(self) -> list[str]:
        # Whoever compares the fitted attributes of searches, as scikit-learn's own tests do, finds
        # scikit-learn's alone.
        return [name for name in super().__dir__() if name not in _OF_OURS]

    def _native_search(self, X: Any, y: Any, params: Any, behind_prefixes: bool) -> Any:
        """The native fits, and the first of them. Raises NotNative where there are none."""
        fits = NativeFits(self, X, y, params, behind_prefixes)
        with judged_by_sklearn():
            candidates = self._candidates()
        return fits, fits.of(candidates)

    def _format_results(
        self, candidate_params: Any, n_splits: int, out: Any, more_results: Any = None
    ) -> Any:
        out = list(out)
        self._messages = Messages.of(out)
        return super()._format_results(candidate_params, n_splits, out, more_results)

    @property
    def report_(self) -> SearchReport:
        """What people look at: a page of HTML, or Markdown."""
        check_is_fitted(self, "cv_results_")
        return report_of(self)

    def plot(
        self,
        x: str | None = None,
        by: str | None = None,
        *,
        metric: str | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the scores over one parameter, or over two: a line for each value of the second.

        Of several candidates for a value the best is drawn, with the deviation over folds; training
        scores are dashed.

        Parameters
        ----------
        x : str, default=None
            The parameter of the axis, by its name or the part behind the last ``__``; None is the
            first that varies.

        by : str, default=None
            A second parameter.

        metric : str, default=None
            Which scores; None are those that decide.

        ax : matplotlib.axes.Axes, default=None
            Where to draw; None is the current figure's.

        Returns
        -------
        ax : matplotlib.axes.Axes
            Where the curve is.

        Raises
        ------
        ImportError
            Without matplotlib.
        ValueError
            For a parameter or a metric that the search has not.
        """
        check_is_fitted(self, "cv_results_")
        return draw_search(self, x, by, metric, ax)

    def _made_rung(self, rung: Rung) -> Rung:
        """A rung as it is to be run."""
        return rung

    def _search_mode(self) -> str:
        """What `native` comes to."""
        return self.native

    def _run_native_search(self, evaluate: Any, first: Rung, callback_ctx: Any) -> None:
        """Evaluate rung after rung; `first` is ready."""
        evaluate(first.candidates)

    def _fit_native(self, fits: NativeFits, first: Rung) -> None:
        """Evaluate candidates natively, as scikit-learn's `fit` does by its own means."""
        events: Any = NoEvents()
        if are_told(self):
            events = SearchEvents(self, fits)
        evaluated = Evaluated()

        def evaluate(
            candidates: Any, cv: Any = None, more_results: Any = None, callback_ctx: Any = None
        ) -> Any:
            ready = cv is None and candidates is first.candidates
            rung = first if ready else self._made_rung(fits.of(list(candidates), cv))
            rows: Rows = {}
            try:
                watched = events.rung(rung, callback_ctx)
                self._run_rung(rung, rows, fits.refit_metric, watched)
            except (KeyboardInterrupt, SystemExit):
                self._keep_complete(fits, evaluated, rung, rows, more_results)
                raise
            in_order = [rows[fit] for fit in sorted(rows)]
            _warn_or_raise_about_fit_failures(in_order, self.error_score)
            if callable(self.scoring):
                _insert_error_scores(in_order, self.error_score)
            evaluated.add(rung, rows, more_results)
            return self._take_rows(fits, evaluated)

        self._run_native_search(evaluate, first, events.context)
        events.end_search()
        self._take_best(fits, evaluated)
        if self.refit:
            self._refit_best(fits.X, fits.y, fits.given.fit, events)
        events.end()

    def _run_rung(self, rung: Rung, rows: Rows, refit_metric: Any, events: Any) -> None:
        """Fit a rung's candidates, and say so."""
        n_splits = rung.n_splits
        leading = refit_metric if isinstance(self.refit, str) else None
        lines = FitLines(
            self.verbose, rung.candidates, n_splits, self.return_train_score, rung.job.in_order
        )
        rung.job.begin()
        with (
            _opened_journal(self, rung) as journal,
            search_progress(self.verbose, rung.candidates, n_splits, leading) as progress,
        ):

            def done(fit: Any, row: Any) -> None:
                lines.end(fit.candidate, fit.fold, row)
                progress(fit.candidate, row)

            lines.start()
            events.start()
            rung.run(rows, events.fit, done, journal)

    def _take_rows(self, fits: NativeFits, evaluated: Evaluated) -> Any:
        """cv_results_ and its relatives from the rows of candidates, all of whose fits are done."""
        more = {"more_results": evaluated.more} if evaluated.more else {}
        results = self._format_results(evaluated.candidates, fits.n_splits, evaluated.rows, **more)
        self.n_splits_ = fits.n_splits
        # What a callable gives is known when it was called.
        self.multimetric_ = isinstance(evaluated.rows[0]["test_scores"], dict)
        self.scorer_ = fits.scorers._scorers if fits.metrics.are_several else fits.scorers
        self.cv_results_ = results
        return results

    def _keep_complete(
        self, fits: NativeFits, evaluated: Evaluated, rung: Rung, rows: Rows, more: Any
    ) -> None:
        """cv_results_ of the candidates that are complete; a search before is forgotten."""
        complete = rung.complete(rows)
        done = [rows[c, fold] for c in complete for fold in range(rung.n_splits)]
        if callable(self.scoring) and done:
            if all(row["fit_error"] is not None for row in done):
                return  # nobody knows what the callable would have given
            _insert_error_scores(done, self.error_score)
        evaluated.add(rung, rows, more, complete)
        if not evaluated.candidates:
            return
        for name in _OF_THE_BEST:
            self.__dict__.pop(name, None)
        self._say_path(None)
        self._take_rows(fits, evaluated)

    def _say_path(self, fallback: Fallback | None) -> None:
        self.search_path_ = fallback.sentence if fallback else "native"
        self.fallback_reason_ = fallback.code if fallback else None

    def _take_best(self, fits: NativeFits, evaluated: Evaluated) -> None:
        results, refit_metric = self.cv_results_, fits.refit_metric
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(evaluated.rows[0]["test_scores"])
            refit_metric = self.refit
        if self.refit or not self.multimetric_:
            self.best_index_ = self._select_best_index(self.refit, refit_metric, results)
            if not callable(self.refit):
                self.best_score_ = results[f"mean_test_{refit_metric}"][self.best_index_]
            self.best_params_ = evaluated.candidates[self.best_index_]

    def _refit_best(self, X: Any, y: Any, fit_params: Any, events: Any) -> None:
        self.best_estimator_ = clone(self.estimator).set_params(
            **clone(self.best_params_, safe=False)
        )
        with events.refit(self.best_estimator_):
            start = time.time()
            self.best_estimator_.fit(X, y, **fit_params)
            self.refit_time_ = time.time() - start
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_


class GridSearchCV(_NativeSearch, _SklearnGridSearchCV):
    """Exhaustive search over parameter values, native for skarma's networks.

    The class is scikit-learn's `GridSearchCV`: every parameter, attribute and result means the
    same, and any estimator works. A search over skarma's own `MLPClassifier`, `MLPRegressor`,
    `nn.Classifier` or `nn.Regressor`, or over a scikit-learn `Pipeline` of any transformers before
    one of them, runs natively: candidates and folds in one process on `n_jobs` threads without the
    GIL. `StandardScaler`, `MinMaxScaler`, `MaxAbsScaler`, `RobustScaler`, `Normalizer` and `PCA`
    (by its solvers 'full' and 'covariance_eigh') are native themselves, and X is stored once. Other
    transformers, and steps that candidates swap, are fitted by scikit-learn's own code, once for
    each fold and each value of their parameters; their outputs are kept for the folds of one value
    at a time, up to 1 GiB. Times are those of each candidate alone. What does not fit takes
    scikit-learn's path, transformers that draw from NumPy's global generator too. There
    candidates of `skarma.nn.Classifier` and `Regressor` that differ in `epochs` alone are scored
    from one training for each fold, with the scores of separate ones, and fits of several jobs run
    in threads; the training counts as the fit time of the first.

    A network without a `random_state` draws from NumPy's global generator, with one job exactly as
    in scikit-learn; with several jobs results differ from run to run, here as there.

    What fits warn about is said as scikit-learn says it, for each fit, from its modules: filters
    for scikit-learn's warnings work. An error made of one by a filter fails the fit.

    Ctrl-C ends a native search with a `KeyboardInterrupt`, after which `cv_results_` holds the
    candidates that are complete, and there is no best one.

    Parameters
    ----------
    estimator : estimator object
        What to search for the best parameters of.

    param_grid : dict or list of dict
        The values to try for each parameter.

    scoring : str, callable, list, tuple or dict, default=None
        How candidates are scored; None is the estimator's own score.

    n_jobs : int, default=None
        The whole thread budget of a native search: None is what `joblib.parallel_config` says, or
        one thread; -1 every core that the process may use. Results do not depend on it if the
        network has a `random_state`. Under another backend of joblib than its default the search
        takes scikit-learn's path.

    refit : bool, str or callable, default=True
        Whether to fit the best candidate on all samples; the metric that decides, or a callable
        that chooses a row of `cv_results_`.

    cv : int, splitter or iterable, default=None
        How samples are split; None is five folds.

    verbose : int, default=0
        From 1 on, a native search shows one live line in a terminal or a notebook, by means of
        rich (`pip install skarma[progress]`): fits done, time left, the best candidate so far.
        Elsewhere it prints scikit-learn's line. From 2 on, it prints scikit-learn's lines of each
        fit.

    pre_dispatch : int or str, default='2*n_jobs'
        Used on scikit-learn's path only.

    error_score : 'raise' or float, default=np.nan
        The score of a fit that fails.

    return_train_score : bool, default=False
        Whether training scores are computed as well.

    native : {'auto', 'require', 'never'}, default='auto'
        What to do where the search cannot be native: take scikit-learn's path, or raise
        NotNativeError, which says why, before anything is fitted. 'never' always takes
        scikit-learn's path.

    journal : str or path-like, default=None
        A file in which each fit is kept as soon as it is done. A search that was interrupted, or
        killed, goes on from there when the same one is fitted again, and comes to the same
        `cv_results_` bit for bit, with the times of the fits as they were; several processes of one
        machine may work on one journal. It needs a native search, and whole numbers as
        `random_state` wherever something is drawn; a journal of other data, parameters, folds or
        scorers is refused with a `ValueError`. See the guide's page on journals.

    Attributes
    ----------
    search_path_ : str
        "native", or why the search took scikit-learn's path.

    fallback_reason_ : FallbackReason or None
        The same as a code; None of a native search.

    report_ : SearchReport
        A page of HTML, or Markdown, with curves, table, failures and warnings.

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

    _parameter_constraints = {**_with_native(_SklearnGridSearchCV), **_OF_JOURNAL}

    def __init__(
        self,
        estimator: Any,
        param_grid: Grid,
        *,
        scoring: Scorings = None,
        n_jobs: int | None = None,
        refit: bool | str | Callable[..., Any] = True,
        cv: CV = None,
        verbose: int = 0,
        pre_dispatch: int | str | None = "2*n_jobs",
        error_score: float | Literal["raise"] = np.nan,
        return_train_score: bool = False,
        native: Native = "auto",
        journal: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__(
            estimator,
            param_grid,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.native = native
        self.journal = journal

    def _candidates(self) -> Any:
        return list(ParameterGrid(self.param_grid))

    def _parameter_names(self) -> set[str]:
        return _names(self.param_grid)


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

    scoring, n_jobs, refit, cv, verbose, pre_dispatch, error_score, return_train_score, native, \
journal
        As in `GridSearchCV`.

    Attributes
    ----------
    search_path_ : str
        "native", or why the search took scikit-learn's path.

    fallback_reason_ : FallbackReason or None
        The same as a code; None of a native search.

    report_ : SearchReport
        A page of HTML, or Markdown, with curves, table, failures and warnings.

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

    _parameter_constraints = {**_with_native(_SklearnRandomizedSearchCV), **_OF_JOURNAL}

    def __init__(
        self,
        estimator: Any,
        param_distributions: Grid,
        *,
        n_iter: int = 10,
        scoring: Scorings = None,
        n_jobs: int | None = None,
        refit: bool | str | Callable[..., Any] = True,
        cv: CV = None,
        verbose: int = 0,
        pre_dispatch: int | str | None = "2*n_jobs",
        random_state: RandomState = None,
        error_score: float | Literal["raise"] = np.nan,
        return_train_score: bool = False,
        native: Native = "auto",
        journal: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__(
            estimator,
            param_distributions,
            n_iter=n_iter,
            random_state=random_state,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.native = native
        self.journal = journal

    def _candidates(self) -> Any:
        return list(
            ParameterSampler(self.param_distributions, self.n_iter, random_state=self.random_state)
        )

    def _parameter_names(self) -> set[str]:
        return _names(self.param_distributions)
