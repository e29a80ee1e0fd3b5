"""How demonstrations are drawn: in a style of their own, which leaves the user's settings alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from skarma._pictures import STYLE, pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Demonstration(ABC):
    """Figures that can be drawn."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw it: what, the class says.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None is the current figure's.

        Returns
        -------
        ax : matplotlib.axes.Axes
            Where the picture is.

        Raises
        ------
        ImportError
            Without matplotlib.
        ValueError
            If it has more dimensions than a picture.
        """
        plt = pyplot()
        with plt.style.context(STYLE):
            ax = plt.gca() if ax is None else ax
            self._draw(ax)
        return ax

    @abstractmethod
    def _draw(self, ax: Axes) -> None:
        """Draw it there, in the style of this package."""


def colour(number: int) -> str:
    """Look up a colour of the style now: "C0" would be looked up when the picture is saved."""
    import matplotlib

    cycle = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
    return str(cycle[number % len(cycle)])
