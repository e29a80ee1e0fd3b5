"""What a verbose native search shows: one live line, or scikit-learn's lines of plain text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np
from joblib.logger import short_format_time

_WIDTH = 80  # of scikit-learn's lines


def _live_console() -> Any:
    """rich's console where a line can be kept up to date: a terminal or a notebook, else None."""
    try:
        from rich import get_console
    except ImportError:
        return None
    console = get_console()
    if console.is_jupyter:
        return console if find_spec("ipywidgets") else None
    return console if console.is_terminal else None


def _line(console: Any) -> Any:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    return Progress(
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TextColumn("fits"),
        BarColumn(bar_width=20),
        TimeRemainingColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[best]}", markup=False, table_column=rest),
        console=console,
        expand=True,
    )


class _Best:
    """The best of the candidates that are complete: the first of those with the highest mean."""

    def __init__(self, n_candidates: Any, n_splits: int, metric: Any) -> None:
        self.metric, self.n_splits = metric, n_splits
        self.scores: list[list[float]] = [[] for _ in range(n_candidates)]
        self.number, self.score = None, math.nan
        self._rank = (-math.inf, -n_candidates)

    def add(self, candidate: Any, row: Any) -> None:
        score = row["test_scores"]
        if isinstance(score, dict):
            score = score[self.metric] if self.metric in score else next(iter(score.values()))
        scores = self.scores[candidate]
        scores.append(score)
        if len(scores) < self.n_splits:
            return
        mean = float(np.mean(scores))
        rank = (-math.inf if math.isnan(mean) else mean, -candidate)
        if rank > self._rank:
            self.number, self.score, self._rank = candidate, mean, rank


@contextmanager
def search_progress(
    verbose: int, candidates: Any, n_splits: int, metric: Any = None
) -> Iterator[Any]:
    """Show how far a search is while the block runs.

    Parameters
    ----------
    verbose : int
        Whether to show anything.

    candidates : list of dict
        What is searched.

    n_splits : int
        How many fits there are of each.

    metric : str, default=None
        The metric that decides; None is the first.

    Yields
    ------
    progress : callable
        To be told every fit that is done: its candidate's number and its row, as scikit-learn's
        `_fit_and_score` returns it.
    """
    if verbose <= 0:
        yield lambda candidate, row: None
        return
    n_fits = n_splits * len(candidates)
    console = _live_console()
    if console is None:
        print(
            f"Fitting {n_splits} folds for each of {len(candidates)} candidates, "
            f"totalling {n_fits} fits"
        )
        yield lambda candidate, row: None
        return
    with _line(console) as line:
        task = line.add_task("", total=n_fits, best="")
        best = _Best(len(candidates), n_splits, metric)

        def update(candidate: Any, row: Any) -> None:
            best.add(candidate, row)
            text = ""
            if best.number is not None:
                params = candidates[best.number].items()
                named = ", ".join(f"{name}={value}" for name, value in params)
                text = f"best {best.score:.4f} {named}"
            line.update(task, advance=1, best=text)

        try:
            yield update
        finally:
            line.refresh()  # rich leaves a notebook at its last regular look


class FitLines:
    """The lines that scikit-learn prints for each fit, from a verbosity of 2 on.

    Parameters
    ----------
    verbose : int
        From 3 on with scores, from 10 on with a line at the start and the candidate's number.

    candidates : list of dict, or None
        What is searched; None in a cross-validation.

    n_splits : int
        How many fits there are of each.

    with_train_scores : bool
        Whether there are training scores.

    in_order : bool
        Whether fits come in their order, so that the start of the next is known.
    """

    def __init__(
        self, verbose: int, candidates: Any, n_splits: int, with_train_scores: bool, in_order: bool
    ) -> None:
        self.verbose, self.candidates, self.n_splits = verbose, candidates, n_splits
        self.with_train_scores = with_train_scores
        self.in_order = in_order
        self.n_started = 0
        self.n_fits = n_splits * (1 if candidates is None else len(candidates))

    def start(self) -> None:
        """Say that the next fit of one thread begins."""
        if self.verbose <= 9 or not self.in_order or self.n_started == self.n_fits:
            return
        self._say_start(*divmod(self.n_started, self.n_splits))
        self.n_started += 1

    def end(self, candidate: Any, fold: int, row: Any) -> None:
        """Say that a fit is done."""
        if self.verbose <= 1:
            return
        if self.verbose > 9 and not self.in_order:
            self._say_start(candidate, fold)
        head = f"[CV{self._progress(candidate, fold)}] END "
        said = self._parameters(candidate)
        text = f"{said};" if said else ""
        if self.verbose > 2:
            text += self._scores(row)
        text += f" total time={short_format_time(row['fit_time'] + row['score_time'])}"
        print(head + "." * (_WIDTH - len(head) - len(text)) + text)
        self.start()

    def _say_start(self, candidate: Any, fold: int) -> None:
        text = f"[CV{self._progress(candidate, fold)}] START {self._parameters(candidate)}"
        print(text + "." * (_WIDTH - len(text)))

    def _progress(self, candidate: Any, fold: int) -> Any:
        if self.verbose <= 2 or self.candidates is None:
            return ""
        text = f" {fold + 1}/{self.n_splits}"
        if self.verbose > 9:
            text += f"; {candidate + 1}/{len(self.candidates)}"
        return text

    def _parameters(self, candidate: Any) -> Any:
        if self.candidates is None:
            return ""
        candidate = self.candidates[candidate]
        return ", ".join(f"{name}={candidate[name]}" for name in sorted(candidate))

    def _scores(self, row: Any) -> Any:
        test, train = row["test_scores"], row.get("train_scores")
        if not isinstance(test, dict):
            if self.with_train_scores:
                return f", score=(train={train:.3f}, test={test:.3f})"
            return f", score={test:.3f}"
        text = ""
        for name in sorted(test):
            of_train = f"train={train[name]:.3f}, " if self.with_train_scores else ""
            text += f" {name}: ({of_train}test={test[name]:.3f})"
        return text
