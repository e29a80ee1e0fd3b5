"""What users may give, in the types that the native code takes."""

from __future__ import annotations

import operator
from typing import Any

Pair = tuple[int, int]


#: What the native code counts in, and what it takes sizes in.
INT_MAX = 2**31 - 1
SIZE_MAX = 2**63 - 1


def whole(name: str, value: Any, least: int = 1, most: int = SIZE_MAX) -> int:
    """A whole number, of Python or of NumPy."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise ValueError(f"{name} must be an int of at least {least}. Got {value!r} instead.")
    if number > most:
        raise ValueError(f"{name} must be an int of at most {most}. Got {value!r} instead.")
    return number


def pair(name: str, value: Any) -> Pair:
    """Two whole numbers above 0, or one for both."""
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return whole(name, value[0]), whole(name, value[1])
    if hasattr(value, "__index__"):
        return whole(name, value), whole(name, value)
    raise ValueError(f"{name} must be an int above 0, or a pair of such. Got {value!r} instead.")


def samples_and_targets(name: str, value: Any) -> None:
    """A pair, and no array of two rows."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(f"{name} is a pair of samples and targets. Got {type(value).__name__}.")


def shape(value: Any) -> list[int]:
    """Of a sample; nothing where none was given."""
    if value is None:
        return []
    sizes = [value] if hasattr(value, "__index__") else list(value)
    if not sizes:
        raise ValueError("input_shape must not be empty.")
    return [whole("input_shape", size) for size in sizes]


def number(name: str, value: Any) -> float:
    """A number, of Python or of NumPy."""
    if isinstance(value, (str, bytes, bool)):
        raise ValueError(f"{name} must be a number. Got {value!r} instead.")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number. Got {value!r} instead.") from None
