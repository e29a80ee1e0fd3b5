"""scikit-learn's neural networks, native and fast.

`MLPClassifier` and `MLPRegressor` have scikit-learn's parameters, attributes, errors and, for the
same `random_state`, its numbers; only the import changes.
"""

from importlib.metadata import version

from skarma._mlp import MLPClassifier, MLPRegressor
from skarma._model_files import load, save
from skarma._native import DeviceError
from skarma._versions import show_versions

__version__ = version("skarma")

__all__ = ["DeviceError", "MLPClassifier", "MLPRegressor", "load", "save", "show_versions"]
