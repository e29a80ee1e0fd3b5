"""What pictures share: matplotlib, asked for when something is drawn, and the package's style.

The style is used for one picture at a time, and leaves the user's settings alone.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

STYLE = Path(__file__).with_name("skarma.mplstyle")


def pyplot() -> ModuleType:
    """Import `matplotlib.pyplot`, or say what is missing."""
    try:
        import matplotlib.pyplot
    except ModuleNotFoundError as error:
        raise ImportError("A picture takes matplotlib: pip install matplotlib.") from error
    return matplotlib.pyplot
