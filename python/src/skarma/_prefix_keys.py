"""When two values of parameters, or two transformers, are the same for a fit."""

from __future__ import annotations

import pickle
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

_ATOMS = frozenset((type(None), bool, int, str, bytes, complex))
# What clones keep beside parameters.
_KEPT_BY_CLONES = ("_sklearn_output_config", "_metadata_request")


class _Itself:
    """A value that is the same as itself alone; it stays alive, so that its id stays its own."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def key_of(value: Any) -> Any:
    """What is equal for values that mean the same: hashable, for any value of a parameter.

    Estimators are compared by class and parameters, as `sklearn.base.clone` makes them, arrays by
    type, shape and entries, what else there is by its pickle; what has none is the same as itself
    alone. 1, 1.0 and True differ, as 0.0 and -0.0 do.
    """
    kind = type(value)
    if kind in _ATOMS:
        return kind, value
    if kind is float:
        return kind, value.hex()
    if isinstance(value, (type, FunctionType, BuiltinFunctionType)):
        return _Itself(value)  # as a copy is
    if kind in (list, tuple):
        return kind, tuple(map(key_of, value))
    if kind is dict:
        return kind, tuple((key_of(name), key_of(entry)) for name, entry in value.items())
    if kind in (set, frozenset):
        return kind, frozenset(map(key_of, value))
    if kind is np.ndarray and value.dtype.kind != "O":
        return kind, value.dtype.str, value.shape, value.tobytes()
    if kind is np.ndarray:
        return kind, value.shape, tuple(map(key_of, value.ravel().tolist()))
    if hasattr(value, "get_params") and hasattr(value, "fit"):
        return _key_of_estimator(value)
    return _key_by_pickle(value)


def _key_of_estimator(estimator: Any) -> Any:
    kind = type(estimator)
    own_clone = getattr(kind, "__sklearn_clone__", None)
    if own_clone not in (None, BaseEstimator.__sklearn_clone__):
        return _key_by_pickle(estimator)  # a frozen one keeps what it has learnt
    kept = vars(estimator)
    return (
        kind,
        key_of(estimator.get_params(deep=False)),
        tuple(key_of(kept.get(name)) for name in _KEPT_BY_CLONES),
    )


def _key_by_pickle(value: Any) -> Any:
    try:
        return type(value), pickle.dumps(value)
    except Exception:  # whatever a class of somebody else's raises
        return _Itself(value)
