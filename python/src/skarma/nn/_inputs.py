"""Samples, targets and weights of a `Sequential`, as the native network takes them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse

from skarma.nn import _checks


def samples(x: ArrayLike, own: tuple[int, ...] | None) -> NDArray[Any]:
    """As they are; `own` is how those of the network look, if that is known."""
    if issparse(x):
        raise TypeError("Sparse samples are for MLPClassifier and MLPRegressor.")
    array = np.asarray(x)
    if array.dtype.kind not in "buif":
        raise ValueError(f"Samples are numbers. Got an array of {array.dtype} instead.")
    if array.ndim not in (2, 4):
        raise ValueError(
            "Samples have the shape (n_samples, n_features) or (n_samples, height, width, "
            f"channels). Got {array.shape} instead."
        )
    given = array.shape[1:]
    if own is not None and given not in (own, (math.prod(own),), (1, 1, *own)):
        raise ValueError(f"Samples of this network have the shape {own}. Got {given} instead.")
    if len(array) == 0:
        raise ValueError(f"There are no samples: their shape is {array.shape}.")
    return array


def targets(y: ArrayLike, loss: str | None, takes_codes: bool) -> NDArray[Any]:
    """Class numbers, or rows of numbers."""
    array = np.asarray(y)
    if array.dtype.kind not in "buif":
        raise ValueError(f"Targets are numbers. Got an array of {array.dtype} instead.")
    if loss == "categorical_crossentropy" or array.ndim == 2 and array.shape[1] > 1:
        if array.ndim != 2:
            raise ValueError(
                f"The targets of {loss!r} have the shape (n_samples, n_classes), 1 for the "
                f"class and 0 for the others. Got {array.shape} instead: for class numbers "
                "there is 'sparse_categorical_crossentropy'."
            )
        return np.ascontiguousarray(array, dtype=np.float64)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            "Targets have the shape (n_samples,) or (n_samples, n_outputs). "
            f"Got {array.shape} instead."
        )
    if takes_codes:
        with np.errstate(invalid="ignore"):  # of NaN, which is not equal
            codes = array.astype(np.int32)
        if not np.array_equal(codes, array):
            raise ValueError(f"The targets of {loss!r} are class numbers from 0.")
        return codes
    return np.ascontiguousarray(array[:, np.newaxis], dtype=np.float64)


def weights(sample_weight: ArrayLike | None, n: int) -> NDArray[np.float64] | None:
    """Of `n` samples."""
    if sample_weight is None:
        return None
    array = np.ascontiguousarray(sample_weight, dtype=np.float64)
    if array.shape != (n,):
        raise ValueError(f"sample_weight has the shape ({n},). Got {array.shape} instead.")
    return array


def n_trained(n: int, validation_split: float) -> int:
    """How many samples a split leaves to learn from."""
    if not 0.0 < _checks.number("validation_split", validation_split) < 1.0:
        raise ValueError(
            f"validation_split must be in the range [0, 1). Got {validation_split!r} instead."
        )
    n_left = int(n * (1.0 - validation_split))
    if not 0 < n_left < n:
        raise ValueError(
            f"validation_split={validation_split!r} leaves one part of {n} samples empty."
        )
    return n_left
