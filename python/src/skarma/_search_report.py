"""What people look at of a search: a page, Markdown, and the curve over its parameters."""

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
from skarma._pictures import STYLE, pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_SHOWN = 2000  # candidates in a report, the best ones
_TEST_MEAN = "mean_test_"
_PARAMETER = "param_"


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
    shown = [name for name in results if name.startswith(_PARAMETER)]

    def numbers_of(name: str) -> Any:
        return [_plain(value) for value in np.asarray(results[name])[rows]]

    def scores_of(name: str) -> Any:
        return numbers_of(name) if name in results else None

    called = short_names([name[len(_PARAMETER) :] for name in shown])
    columns = [
        {"name": called[name[len(_PARAMETER) :]], "values": _values(results, name, rows)}
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
            "fit_seconds": _plain(float(np.nansum(fit_time)) * search.n_splits_),
            "refit_time": _plain(getattr(search, "refit_time_", None)),
            "n_failed": messages.n_failed,
            "best": None if best is None or best not in rows else int(np.searchsorted(rows, best)),
            "best_score": _plain(getattr(search, "best_score_", None)),
            "best_params": [
                [called.get(name, name), _plain(value)]
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
    return [None if masked[row] else _plain(column.data[row]) for row in rows]


def _plain(value: Any) -> Any:
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
            values = [_plain(float(value)) for value in columns[column]]
            lines.setdefault(name, []).append([label, values])
    return [[name, both] for name, both in lines.items()]


# ---- the curve -------------------------------------------------------------------------------


def draw_search(search: Any, x: str | None, by: str | None, metric: str | None, ax: Any) -> Axes:
    """Draw what `GridSearchCV.plot` says."""
    results = search.cv_results_
    metrics = metrics_of(results)
    leading = search.refit if search.refit in metrics else metrics[0]
    metric = leading if metric is None else metric
    if metric not in metrics:
        raise ValueError(f"The search has scores of {', '.join(metrics)}. Got {metric!r}.")
    names = [name[len(_PARAMETER) :] for name in results if name.startswith(_PARAMETER)]
    varied = [name for name in names if len(set(map(str, results[_PARAMETER + name]))) > 1]
    x = _named(x, names) if x is not None else next(iter(varied or names), None)
    if x is None:
        raise ValueError("The search varies no parameter: there is nothing to draw a curve over.")
    if by is not None:
        by = _named(by, names)
    plt = pyplot()
    with plt.style.context(STYLE):
        ax = plt.gca() if ax is None else ax
        groups = [None] if by is None else list(dict.fromkeys(map(_text, results[_PARAMETER + by])))
        for number, group in enumerate(groups):
            _draw_group(ax, results, metric, x, by, group, f"C{number}")
        called = short_names(names)
        ax.set(xlabel=called[x], ylabel=metric)
        if by is not None or f"mean_train_{metric}" in results:
            ax.legend(title=called[by] if by is not None else None)
    return ax


def _named(given: str, names: list[str]) -> str:
    found = [name for name in names if given in (name, name.rpartition("__")[2])]
    if len(found) != 1:
        raise ValueError(f"The search varies {', '.join(names)}. Got {given!r}.")
    return found[0]


def _text(value: Any) -> str:
    return str(_plain(value))


def _draw_group(
    ax: Any, results: Any, metric: str, x: str, by: str | None, group: Any, colour: str
) -> None:
    """A line of candidates: of each value of x the best of those in the group."""
    from matplotlib.colors import to_rgba

    column, means = results[_PARAMETER + x], np.asarray(results[f"mean_test_{metric}"])
    best: dict[Any, int] = {}
    for row, value in enumerate(column):
        is_there = value is not np.ma.masked and math.isfinite(means[row])
        if not is_there or (by is not None and _text(results[_PARAMETER + by][row]) != group):
            continue
        key = _plain(value)
        if key not in best or means[row] > means[best[key]]:
            best[key] = row
    are_numbers = all(isinstance(key, (int, float)) for key in best)
    keys = sorted(best) if are_numbers else list(best)
    rows = [best[key] for key in keys]
    places = keys if are_numbers else [_text(key) for key in keys]
    if are_numbers and keys and keys[0] > 0 and keys[-1] >= 50 * keys[0]:
        ax.set_xscale("log")
    for part, style in (("test", "-"), ("train", "--")):
        if f"mean_{part}_{metric}" not in results:
            continue
        label = part if group is None else group if part == "test" else None
        ax.errorbar(
            places,
            np.asarray(results[f"mean_{part}_{metric}"])[rows],
            np.asarray(results[f"std_{part}_{metric}"])[rows],
            label=label,
            linestyle=style,
            marker="o",
            capsize=3,
            color=to_rgba(colour, 1.0 if part == "test" else 0.55),
        )
