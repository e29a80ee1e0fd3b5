"""The native fits of a search: from candidates and folds to rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, MutableMapping
from typing import Any, TypeAlias

from sklearn.base import is_classifier
from sklearn.model_selection import check_cv
from sklearn.utils import indexable

from skarma._devices import require_devices
from skarma._fallback import FallbackReason as Why
from skarma._fallback import judged_by_sklearn, require
from skarma._fit_reports import FitReports, RecordedFit
from skarma._native_job import prepared
from skarma._native_scorers import Metrics
from skarma._native_search import (
    FitParameters,
    native_candidate,
    require_repeatable,
)
from skarma._prefix_job import prepared_behind_prefixes
from skarma._prefix_plan import steps_of
from skarma._search_callbacks import cannot_be_told

#: The rows of fits, as scikit-learn's `_fit_and_score` returns them, by candidate and fold.
Rows: TypeAlias = MutableMapping[tuple[int, int], Any]


class NativeFits:
    """What all fits of a search have in common. Raises NotNative where they cannot be native.

    Parameters
    ----------
    search : GridSearchCV or its relatives
        What is fitted.

    X, y : array-like
        All samples and their targets.

    params : dict
        What `fit` was given beside them.

    behind_prefixes : bool
        Whether the transformers of a pipeline are fitted by scikit-learn.
    """

    def __init__(self, search: Any, X: Any, y: Any, params: Any, behind_prefixes: bool) -> None:
        self.search, self.estimator = search, search.estimator
        self.behind_prefixes = behind_prefixes
        self.steps = steps_of(self.estimator, behind_prefixes)
        search._validate_params()
        untold = cannot_be_told(search, self.steps)
        require(untold is None, Why.CALLBACKS, untold or "")
        require_repeatable(search.cv, y)
        self.scorers, self.refit_metric = search._get_scorers()
        with judged_by_sklearn():
            self.X, self.y = indexable(X, y)
            if not behind_prefixes:
                self.prototype = self.steps.network.prototype(self.X)
            self.n_samples = len(self.y)
            self.cv = check_cv(search.cv, self.y, classifier=is_classifier(self.estimator))
            routed = search._get_routed_params_for_fit(params)
            self.given = FitParameters(routed, self.estimator, self.steps)
            weights = self.given.sample_weight
            self.metrics = Metrics(search.scoring, self.scorers, self.y, self.given.score, weights)
            self.n_splits = self.cv.get_n_splits(self.X, self.y, **self.given.split)

    def of(self, candidates: Any, cv: Any = None) -> Rung:
        """The fits of these candidates to the folds of a splitter, by default the search's own.

        Nothing is fitted yet. Raises NotNative where they cannot be native.
        """
        with judged_by_sklearn():
            require(candidates, Why.REFUSED, "there is nothing to fit")
            require_devices(self.estimator, candidates)
            data = self.X, self.y, cv or self.cv, self.given
            options = {
                "metrics": self.metrics,
                "return_train_score": self.search.return_train_score,
                "n_jobs": self.search.n_jobs,
            }
            if self.behind_prefixes:
                job, splits = prepared_behind_prefixes(self.steps, candidates, *data, **options)
                native = [(None, steps) for steps in job.networks]
            else:
                native = [native_candidate(self.estimator, c, self.prototype) for c in candidates]
                of_each = [steps for _, steps in native]
                job, splits = prepared(self.steps, self.prototype, of_each, *data, **options)
            agree = len(splits) == self.n_splits
            require(agree, Why.SPLITTER, "cv.split and cv.get_n_splits disagree")
            return Rung(self, candidates, native, job, splits)


class Rung:
    """Candidates that are fitted to the same folds, ready to be fitted: all those of a grid, or
    those of one rung of a halving search.

    Parameters
    ----------
    fits : NativeFits
        The search that they belong to.

    candidates : list of dict
        What is searched.

    native : list of (dict, Steps)
        The same for the native library.

    job : NativeJob
        What fits them.

    splits : Folds
        The rows that each fold trains on, and tests.
    """

    def __init__(self, fits: NativeFits, candidates: Any, native: Any, job: Any, splits: Any):
        self.candidates, self.splits, self.n_splits = candidates, splits, len(splits)
        self.job, self.fits = job, fits
        self.mlps = [steps.mlp for _, steps in native]
        self._native_candidates = [parameters for parameters, _ in native]
        self.reports = FitReports(
            fits.estimator,
            fits.X,
            fits.y,
            splits,
            fits.metrics,
            return_train_score=fits.search.return_train_score,
            error_score=fits.search.error_score,
        )

    def run(
        self, rows: Rows, watch: Any, done: Callable[[Any, Any], None], journal: Any = None
    ) -> None:
        """Fit all candidates to all folds, as fast as they come, in whatever order.

        Parameters
        ----------
        rows : dict
            Where each fit's row is put, under its candidate and fold, as soon as it is there.

        watch : callable
            Gives the context in which a fit's row is made.

        done : callable
            Told each fit and its row, which is among the rows already.

        journal : SearchJournal or None
            What keeps each row, and has those that are not to be fitted.
        """

        def row_of(fit: Any) -> Any:
            candidate = fit.candidate
            return self.reports.row(fit, self.mlps[candidate], self.candidates[candidate])

        def take(fit: Any) -> None:
            with watch(fit):
                row = row_of(fit)
                others = (
                    journal.append(fit, row)
                    if journal and not isinstance(fit, RecordedFit)
                    else None
                )
                if others is not None:  # the results have what the journal has: its times, too
                    row = row_of(others)
            rows[fit.candidate, fit.fold] = row
            done(fit, row)

        def take_recorded(recorded: Any) -> list[int]:
            new = [fit for fit in recorded if (fit.candidate, fit.fold) not in rows]
            for fit in new:
                take(fit)
            return [fit.candidate * self.n_splits + fit.fold for fit in new]

        if journal is None:
            there: tuple[Any, ...] = ()
        else:
            there = take_recorded(journal.recorded()), journal.order_seed()
        search = self.job.search(self._native_candidates, self.reports.wanted_folds, *there)
        with search as fits:
            for fit in fits:
                if (fit.candidate, fit.fold) not in rows:
                    take(fit)
                if journal is not None:
                    fits.leave_out(take_recorded(journal.news()))

    def complete(self, rows: Rows) -> list[int]:
        """The candidates all of whose fits have rows."""
        folds = range(self.n_splits)
        candidates = range(len(self.candidates))
        return [c for c in candidates if all((c, fold) in rows for fold in folds)]


class Evaluated:
    """The candidates of all rungs so far, and their rows in scikit-learn's order."""

    def __init__(self) -> None:
        self.candidates: list[dict[str, Any]] = []
        self.rows: list[Any] = []
        self.more: dict[str, list[Any]] = defaultdict(list)

    def add(self, rung: Rung, rows: Rows, more: Any, those: Any = None) -> None:
        """Add those candidates of a rung, by default all, with more columns of the results."""
        those = range(len(rung.candidates)) if those is None else those
        self.candidates += [rung.candidates[c] for c in those]
        self.rows += [rows[c, fold] for c in those for fold in range(rung.n_splits)]
        for name, values in (more or {}).items():
            self.more[name] += [values[c] for c in those]
