"""What people look at of a search: a page, or Markdown."""

from __future__ import annotations

import html
import json
import math
import numbers
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline

from skarma import _native
from skarma._native_search import final_step

if TYPE_CHECKING:
    pass

_MOST_SHOWN = 2000  # candidates in a report, the best ones
_TEST_MEAN = "mean_test_"
PARAMETER = "param_"


class Messages(NamedTuple):
    """What fits have failed with and warned of, with counts."""

    failures: Counter[str]
    warnings: Counter[str]
    n_failed: int

    @classmethod
    def of(cls, rows: Iterable[Any]) -> Messages:
        """Those of fits, as scikit-learn's `_fit_and_score` returns them."""
        failures, warnings = Counter[str](), Counter[str]()
        for row in rows:
            if row["fit_error"] is not None:
                failures[row["fit_error"].strip().rpartition("\n")[2]] += 1
            if row.get("fit_warning"):
                warnings[row["fit_warning"]] += 1
        return cls(failures, warnings, failures.total())


class SearchReport:
    """A search as a page of HTML or as Markdown: `report_` of a fitted search.

    The page has the best parameters, curves of the scores over each parameter with the deviation
    over folds, all parameters together, the training of the best, a table that sorts, failures and
    warnings. It is one file that needs no network. In a notebook it shows itself.

    Parameters
    ----------
    data : dict
        What is shown, as JSON has it.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> from skarma.model_selection import GridSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = MLPClassifier(solver="lbfgs", hidden_layer_sizes=(5,), random_state=1)
    >>> report = GridSearchCV(mlp, {"alpha": [1.0, 100.0]}).fit(X, y).report_
    >>> print(report.to_markdown().partition("## Candidates")[0].strip())
    # GridSearchCV of MLPClassifier
    <BLANKLINE>
    Searched natively.
    <BLANKLINE>
    2 candidates on 5 folds; best score 0.973333
    <BLANKLINE>
    ## Best parameters
    <BLANKLINE>
    | parameter | value |
    | --- | --- |
    | alpha | 1 |
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = json.dumps(data, allow_nan=False)

    def to_html(self) -> str:
        """Make the page.

        Returns
        -------
        page : str
            A whole document.
        """
        return _native.report_html(self._data)

    def to_markdown(self) -> str:
        """Make the same as text: the best 20 candidates.

        Returns
        -------
        text : str
            Markdown.
        """
        return _native.report_markdown(self._data)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file.

        Parameters
        ----------
        path : str or path-like
            A name that ends in ``.html`` or ``.md``, which says what is written.

        Raises
        ------
        ValueError
            For another name.
        """
        ending = Path(path).suffix
        if ending not in (".html", ".md"):
            raise ValueError(f"The name of a report must end in .html or .md. Got {path!r}.")
        text = self.to_html() if ending == ".html" else self.to_markdown()
        Path(path).write_text(text, encoding="utf-8")

    def _repr_html_(self) -> str:
        # A document of its own, whose styles and scripts leave the notebook's alone.
        page = html.escape(self.to_html())
        return f'<iframe srcdoc="{page}" style="width: 100%; height: 700px; border: 0"></iframe>'


def report_of(search: Any) -> SearchReport:
    """The report of a fitted search."""
    results = search.cv_results_
    metrics = metrics_of(results)
    leading = metrics.index(search.refit) if search.refit in metrics else 0
    ranks = np.asarray(results[f"rank_test_{metrics[leading]}"])
    rows = np.arange(len(ranks))
    if len(rows) > _MOST_SHOWN:
        rows = np.sort(np.argsort(ranks, kind="stable")[:_MOST_SHOWN])
    best = getattr(search, "best_index_", None)
    messages = getattr(search, "_messages", None) or Messages.of(())
    shown = [name for name in results if name.startswith(PARAMETER)]

    def numbers_of(name: str) -> Any:
        return [plain_or_none(value) for value in np.asarray(results[name])[rows]]

    def scores_of(name: str) -> Any:
        return numbers_of(name) if name in results else None

    called = short_names([name[len(PARAMETER) :] for name in shown])
    columns = [
        {"name": called[name[len(PARAMETER) :]], "values": _values(results, name, rows)}
        for name in shown
    ]
    if "iter" in results:  # of a halving search
        columns.insert(0, {"name": "rung", "values": numbers_of("iter")})
    fit_time = np.asarray(results["mean_fit_time"])
    return SearchReport(
        {
            "title": f"{type(search).__name__} of {_title(search.estimator)}",
            "subtitle": _path(search),
            "made": "Made by skarma.",
            "n_splits": search.n_splits_,
            "n_candidates": len(ranks),
            "fit_seconds": plain_or_none(float(np.nansum(fit_time)) * search.n_splits_),
            "refit_time": plain_or_none(getattr(search, "refit_time_", None)),
            "n_failed": messages.n_failed,
            "best": None if best is None or best not in rows else int(np.searchsorted(rows, best)),
            "best_score": plain_or_none(getattr(search, "best_score_", None)),
            "best_params": [
                [called.get(name, name), plain_or_none(value)]
                for name, value in getattr(search, "best_params_", {}).items()
            ],
            "leading": leading,
            "metrics": [
                {
                    "name": metric,
                    "test_mean": numbers_of(f"mean_test_{metric}"),
                    "test_std": numbers_of(f"std_test_{metric}"),
                    "train_mean": scores_of(f"mean_train_{metric}"),
                    "train_std": scores_of(f"std_train_{metric}"),
                    "rank": numbers_of(f"rank_test_{metric}"),
                }
                for metric in metrics
            ],
            "parameters": columns,
            "fit_time": numbers_of("mean_fit_time"),
            "failures": [list(pair) for pair in messages.failures.most_common()],
            "warnings": [list(pair) for pair in messages.warnings.most_common()],
            "history": _history(search),
        }
    )


def metrics_of(results: Mapping[str, Any]) -> list[str]:
    """The metrics that cv_results_ has scores of."""
    return [name[len(_TEST_MEAN) :] for name in results if name.startswith(_TEST_MEAN)]


def _values(results: Any, name: str, rows: Any) -> list[Any]:
    column = results[name]
    masked = np.ma.getmaskarray(column)
    return [None if masked[row] else plain_or_none(column.data[row]) for row in rows]


def plain_or_none(value: Any) -> Any:
    """A finite number or a text; None for what is none."""
    if value is None or (isinstance(value, numbers.Real) and not math.isfinite(value)):
        return None
    if isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_)):
        return int(value) if isinstance(value, numbers.Integral) else float(value)
    return value if isinstance(value, str) else str(value)


def short_names(names: list[str]) -> dict[str, str]:
    """Names without those of steps, where nothing else is called so."""
    short = {name: name.rpartition("__")[2] for name in names}
    counts = Counter(short.values())
    return {name: last if counts[last] == 1 else name for name, last in short.items()}


def _path(search: Any) -> str:
    path = getattr(search, "search_path_", "native")
    return "Searched natively." if path == "native" else f"Searched by scikit-learn's code: {path}"


def _title(estimator: Any) -> str:
    is_pipeline = isinstance(estimator, Pipeline)
    steps = [step for _, step in estimator.steps] if is_pipeline else [estimator]
    kept = [step for step in steps if step is not None and not isinstance(step, str)]
    return " + ".join(type(step).__name__ for step in kept)


def _history(search: Any) -> list[Any]:
    """How the training of the best went: names, and lines with their labels."""
    history = getattr(final_step(getattr(search, "best_estimator_", None)), "history_", None)
    if history is None:
        return []
    columns = dict(getattr(history, "history", history))
    lines: dict[str, list[Any]] = {}
    for name, label, prefix in (
        ("loss", "training", ""),
        ("loss", "validation", "validation_"),
        ("loss", "validation", "val_"),
        ("validation score", "validation", "validation_score"),
        ("accuracy", "training", ""),
        ("accuracy", "validation", "val_"),
    ):
        column = prefix if prefix == "validation_score" else f"{prefix}{name}"
        if column in columns:
            values = [plain_or_none(float(value)) for value in columns[column]]
            lines.setdefault(name, []).append([label, values])
    return [[name, both] for name, both in lines.items()]
