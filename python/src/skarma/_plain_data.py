"""Arrays that need no conversion, recognised in a few microseconds.

scikit-learn's validation of any input takes longer than a small network needs to fit or predict.
What is not plain, or wrong, is left to that validation, with its conversions and its messages.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from skarma import _native


def is_plain(X: Any) -> bool:
    """Whether X is a C-ordered array of float32 or float64 samples."""
    return (
        type(X) is np.ndarray
        and X.ndim == 2
        and X.dtype.char in "fd"
        and X.dtype.isnative
        and X.flags.c_contiguous
        and X.size > 0
    )


def are_plain_samples(X: Any, y: Any) -> bool:
    """Whether X is plain and finite, and y an array of one number for each sample."""
    return (
        is_plain(X)
        and type(y) is np.ndarray
        and y.shape == (len(X),)
        and y.dtype.isnative
        and _native.all_finite(X)
    )


def plain_classes(y: Any) -> Any:
    """The sorted labels, or None where scikit-learn might have something to say about them."""
    if y.dtype.kind not in "biu":
        return None
    # Not np.unique: its hash table ends the process with std::terminate where Python ends while a
    # daemon thread is inside (NumPy 2.3 and later).
    in_order = np.sort(y)
    others = in_order[1:]
    classes = np.concatenate((in_order[:1], others[others != in_order[:-1]]))
    return classes if 2 * len(classes) < len(y) else None


def are_plain_targets(y: Any) -> bool:
    """Whether y are finite real numbers."""
    return y.dtype.kind in "iu" or (y.dtype.char in "fd" and bool(np.isfinite(y).all()))
