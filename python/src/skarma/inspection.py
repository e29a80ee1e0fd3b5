"""scikit-learn's `inspection`, where permutation_importance shares threads and samples.

Every other public name of `sklearn.inspection`, such as `partial_dependence`, is scikit-learn's.
"""

from __future__ import annotations

from typing import Any

import sklearn.inspection as _sklearn

from skarma._permutation import permutation_importance

__all__ = ["permutation_importance"]


def __getattr__(name: str) -> Any:
    if name not in _sklearn.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_sklearn, name)


def __dir__() -> list[str]:
    return sorted({*__all__, *_sklearn.__all__})
