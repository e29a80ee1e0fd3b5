"""scikit-learn's `model_selection`, native for skarma's networks.

Searches, cross-validations and curves are skarma's own; every other public name of
`sklearn.model_selection`, such as `train_test_split` or `KFold`, is scikit-learn's.
"""

from __future__ import annotations

from typing import Any

import sklearn.model_selection as _sklearn

from skarma._cross_validation import (
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    validation_curve,
)
from skarma._fallback import FallbackReason, NotNativeError
from skarma._halving import HalvingGridSearchCV, HalvingRandomSearchCV
from skarma._search import GridSearchCV, RandomizedSearchCV
from skarma._search_report import SearchReport

__all__ = [
    "FallbackReason",
    "GridSearchCV",
    "HalvingGridSearchCV",
    "HalvingRandomSearchCV",
    "NotNativeError",
    "RandomizedSearchCV",
    "SearchReport",
    "cross_val_predict",
    "cross_val_score",
    "cross_validate",
    "learning_curve",
    "validation_curve",
]


def __getattr__(name: str) -> Any:
    if name not in _sklearn.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_sklearn, name)


def __dir__() -> list[str]:
    return sorted({*__all__, *_sklearn.__all__})
