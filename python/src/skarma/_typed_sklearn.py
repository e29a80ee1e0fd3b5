"""Decorators of scikit-learn, which has no annotations, such that what they decorate keeps its own;
and the base of classes that are mixed into those of scikit-learn, where all else is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from skarma._types import F

    def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[F], F]: ...
    def available_if(check: Callable[[Any], bool]) -> Callable[[F], F]: ...

    Mixin: Any
else:
    from sklearn.utils.metaestimators import available_if

    from skarma._sklearn_private import _fit_context as fit_context

    Mixin = object

__all__ = ["Mixin", "available_if", "fit_context"]
