"""scikit-learn's neural networks, native and fast.

`MLPClassifier` and `MLPRegressor` have scikit-learn's parameters, attributes, errors and, for the
same `random_state`, its numbers; only the import changes.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

from skarma._mlp import MLPClassifier, MLPRegressor
from skarma._model_files import load, save
from skarma._native import DeviceError
from skarma._versions import show_versions

if TYPE_CHECKING:
    from skarma import autodiff as autodiff
    from skarma import callbacks as callbacks
    from skarma import demos as demos
    from skarma import inspection as inspection
    from skarma import model_selection as model_selection
    from skarma import neural_network as neural_network
    from skarma import nn as nn

__version__ = version("skarma")

__all__ = ["DeviceError", "MLPClassifier", "MLPRegressor", "load", "save", "show_versions"]

#: What `import skarma` makes attributes of when they are first asked for: it is as quick without.
_MODULES = frozenset(
    ("autodiff", "callbacks", "demos", "inspection", "model_selection", "neural_network", "nn")
)


if not TYPE_CHECKING:  # a checker knows them, and finds what is misspelt

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
