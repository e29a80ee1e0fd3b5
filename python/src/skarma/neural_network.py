"""scikit-learn's `neural_network`, with skarma's networks: for programs that change one import.

Every other public name of `sklearn.neural_network`, such as `BernoulliRBM`, is scikit-learn's.

Examples
--------
>>> from skarma.neural_network import MLPClassifier  # instead of sklearn.neural_network
>>> MLPClassifier().solver
'adam'
"""

from __future__ import annotations

from typing import Any

import sklearn.neural_network as _sklearn

from skarma._mlp import MLPClassifier, MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]


def __getattr__(name: str) -> Any:
    if name not in _sklearn.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_sklearn, name)


def __dir__() -> list[str]:
    return sorted({*__all__, *_sklearn.__all__})
