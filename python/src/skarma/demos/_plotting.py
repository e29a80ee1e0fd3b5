"""How demonstrations are drawn: in a style of their own, which leaves the user's settings alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes

P = ParamSpec("P")
R = TypeVar("R")

STYLE = Path(__file__).with_name("skarma.mplstyle")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Have a function draw in the style of this package."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib.style

        with matplotlib.style.context(STYLE):
            return draw(*args, **kwargs)

    return drawn


def axes_or_current(ax: Axes | None) -> Axes:
    """Where to draw; None is the current figure's."""
    import matplotlib.pyplot as plt

    return plt.gca() if ax is None else ax


def colour(number: int) -> str:
    """Look up a colour of the style now: "C0" would be looked up when the picture is saved."""
    import matplotlib

    cycle = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
    return str(cycle[number % len(cycle)])
