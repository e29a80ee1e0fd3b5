"""The curve of a search's scores over one or two of its parameters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from skarma._pictures import STYLE, pyplot
from skarma._search_report import PARAMETER, metrics_of, plain_or_none, short_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_search(search: Any, x: str | None, by: str | None, metric: str | None, ax: Any) -> Axes:
    """Draw what `GridSearchCV.plot` says."""
    results = search.cv_results_
    metrics = metrics_of(results)
    leading = search.refit if search.refit in metrics else metrics[0]
    metric = leading if metric is None else metric
    if metric not in metrics:
        raise ValueError(f"The search has scores of {', '.join(metrics)}. Got {metric!r}.")
    names = [name[len(PARAMETER) :] for name in results if name.startswith(PARAMETER)]
    varied = [name for name in names if len(set(map(str, results[PARAMETER + name]))) > 1]
    x = _named(x, names) if x is not None else next(iter(varied or names), None)
    if x is None:
        raise ValueError("The search varies no parameter: there is nothing to draw a curve over.")
    if by is not None:
        by = _named(by, names)
    plt = pyplot()
    with plt.style.context(STYLE):
        ax = plt.gca() if ax is None else ax
        groups = [None] if by is None else list(dict.fromkeys(map(_text, results[PARAMETER + by])))
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
    return str(plain_or_none(value))


def _draw_group(
    ax: Any, results: Any, metric: str, x: str, by: str | None, group: Any, colour: str
) -> None:
    """A line of candidates: of each value of x the best of those in the group."""
    from matplotlib.colors import to_rgba

    column, means = results[PARAMETER + x], np.asarray(results[f"mean_test_{metric}"])
    best: dict[Any, int] = {}
    for row, value in enumerate(column):
        is_there = value is not np.ma.masked and math.isfinite(means[row])
        if not is_there or (by is not None and _text(results[PARAMETER + by][row]) != group):
            continue
        key = plain_or_none(value)
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
