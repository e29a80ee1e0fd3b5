"""The picture of a `History`: a curve for training and one for validation, beside each metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from skarma._pictures import STYLE, pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Figures = Mapping[str, Sequence[float]]
_VALIDATION = "val_"


def draw_history(
    epochs: Sequence[int],
    figures: Figures,
    names: Sequence[str],
    axes: Axes | Sequence[Axes] | None,
) -> list[Axes]:
    """Draw what `History.plot` says."""
    plt = pyplot()
    if not epochs:
        raise ValueError("There are no epochs to draw: fit returns the history of a fit.")
    drawn = _names(figures, names)
    with plt.style.context(STYLE):
        places = _places(axes, len(drawn))
        for name, place in zip(drawn, places, strict=True):
            _draw(place, epochs, figures, name)
    return places


def _names(figures: Figures, wanted: Sequence[str]) -> list[str]:
    there = list(dict.fromkeys(name.removeprefix(_VALIDATION) for name in figures))
    for name in wanted:
        if name not in there:
            raise KeyError(f"{name!r}: the history has {', '.join(there)}.")
    return list(wanted) or there


def _places(axes: Axes | Sequence[Axes] | None, n: int) -> list[Axes]:
    if axes is None:
        figure = pyplot().figure(figsize=(4.6 * n + (1.2 if n == 1 else 0), 3.6))
        return list(np.ravel(figure.subplots(1, n)))
    places = list(np.ravel(np.asarray(axes, dtype=object)))
    if any(not hasattr(place, "plot") for place in places):
        raise TypeError(f"axes are those of matplotlib. Got {axes!r} instead.")
    if len(places) != n:
        raise ValueError(f"There are {n} names to draw, on an axes each. Got {len(places)} axes.")
    return places


def _draw(axes: Axes, epochs: Sequence[int], figures: Figures, name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    number = np.asarray(epochs) + 1
    marker = "o" if len(epochs) <= 20 else ""  # one epoch is no line
    for label, column in (("training", name), ("validation", _VALIDATION + name)):
        if column in figures:
            axes.plot(number, figures[column], marker=marker, label=label)
    axes.set(xlabel="epoch", ylabel=name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
