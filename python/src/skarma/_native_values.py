"""Parameters and samples as the native library takes them."""

from __future__ import annotations

import json
import numbers
import operator
from typing import Any

import numpy as np
from scipy.sparse import issparse

from skarma._foreign_arrays import on_host

FLOATS = (np.float64, np.float32)
_MOST_UNITS = 2**31 - 1
_COUNTS = frozenset(("max_iter", "max_fun", "batch_size", "n_threads", "n_init", "n_members"))
_MOST_COUNTED = 2**53  # more than anybody lives to see
#: Types of what the library takes as it is.
PLAIN = frozenset((float, str, bool, type(None)))


def plain(value: Any) -> Any:
    """A value without NumPy's scalars and types."""
    if type(value) in PLAIN or isinstance(value, str):
        return value
    if isinstance(value, np.bool_):
        return value.item()
    if isinstance(value, numbers.Integral) and abs(int(value)) < 2**63:
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, type):
        return np.dtype(value).name
    return value


def native_parameter(name: str, value: Any) -> Any:
    """A parameter of a network as the native library takes it.

    Sizes are a list of int, and a tuple of names a list; counts are no larger than what the library
    counts to. Raises ValueError and TypeError for sizes that are none.
    """
    if name == "hidden_layer_sizes":
        return _sizes(value)
    if name == "validation_fraction" and hasattr(value, "split"):
        return 0.1  # a splitter's rows are given to the fit
    if type(value) in PLAIN or (type(value) is int and 0 <= value <= _MOST_UNITS):
        return value
    if name == "freeze":
        return [operator.index(layer) for layer in (value if np.iterable(value) else [value])]
    if name in ("coefs_init", "intercepts_init"):
        return _arrays(name, value)
    if isinstance(value, dict):
        return json.dumps({_label(key): float(weight) for key, weight in value.items()})
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return value.tolist()
    if name == "n_iter_no_change" and value > _MOST_UNITS:
        return np.inf
    if name in _COUNTS and isinstance(value, numbers.Integral):
        return max(-_MOST_COUNTED, min(int(value), _MOST_COUNTED))
    return plain(value)


def _arrays(name: str, value: Any) -> Any:
    """The arrays of initial weights, of float64; how many and of what shapes `fit` judges."""
    n_dims = 2 if name == "coefs_init" else 1
    if len(value) == 0:
        raise ValueError(f"{name} must have an array for each layer of weights, or be None.")
    arrays = []
    for i, item in enumerate(value):
        try:
            array = np.asarray(on_host(item, f"{name}[{i}]"), dtype=np.float64)
        except (TypeError, ValueError):
            raise ValueError(f"{name}[{i}] must be an array of numbers.") from None
        if array.ndim != n_dims:
            raise ValueError(
                f"{name}[{i}] must have {n_dims} dimension{'s' * (n_dims > 1)}, got an array of "
                f"shape {array.shape}."
            )
        arrays.append(array)
    return arrays


def _label(key: Any) -> Any:
    """A class label as the native library writes it."""
    return str(key.item() if isinstance(key, np.generic) else key)


def _sizes(hidden_layer_sizes: Any) -> Any:
    sizes = hidden_layer_sizes
    if type(sizes) is tuple and all(type(s) is int and 0 < s <= _MOST_UNITS for s in sizes):
        return list(sizes)
    sizes = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
    if np.any(np.array(sizes) <= 0):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    for size in sizes:
        if isinstance(size, (bool, np.bool_)) or not hasattr(size, "__index__"):
            raise TypeError(f"hidden_layer_sizes must be whole numbers, got {size!r}.")
        if size > _MOST_UNITS:
            raise ValueError(f"hidden_layer_sizes must be <= {_MOST_UNITS}, got {size}.")
    return [operator.index(size) for size in sizes]


def native_samples(X: Any) -> Any:
    """Samples in rows, C-ordered or compressed: no copy where they are that already."""
    return X.tocsr() if issparse(X) else np.ascontiguousarray(X)
