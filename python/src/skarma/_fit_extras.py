"""What a fit may be given beside X, y and sample_weight."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length, validate_data

from skarma._foreign_arrays import on_host
from skarma._native_values import FLOATS, native_samples
from skarma._sklearn_private import _check_sample_weight
from skarma.callbacks import checked, native_callback


class FitExtras:
    """What a fit may be given beside X, y and sample_weight, checked as far as it can be alone.

    Raises ValueError and TypeError.
    """

    def __init__(
        self,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        n_epochs: Any = 1,
        callbacks: Any = None,
    ) -> None:
        if (X_val is None) != (y_val is None):
            given, missing = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
            raise ValueError(f"{given} is given without {missing}: both or none.")
        if X_val is None and sample_weight_val is not None:
            raise ValueError("sample_weight_val is given without X_val and y_val.")
        if isinstance(n_epochs, bool) or not isinstance(n_epochs, numbers.Integral) or n_epochs < 1:
            raise ValueError(f"n_epochs must be an int of at least 1. Got {n_epochs!r} instead.")
        self.X_val, self.y_val, self.sample_weight_val = X_val, y_val, sample_weight_val
        self.n_epochs = int(n_epochs)
        self.callbacks = checked(callbacks)

    @property
    def has_validation(self) -> bool:
        """Whether there are samples for validation."""
        return self.X_val is not None

    def own(self) -> Any:
        """The name of what scikit-learn's code could not be given, or None."""
        if self.has_validation:
            return "X_val"
        if self.n_epochs != 1:
            return f"n_epochs={self.n_epochs}"
        return "callbacks" if self.callbacks else None

    def native(self, estimator: Any, X: Any, y: Any, watchers: Any = ()) -> Any:
        """All of it for the native fit of an estimator whose X and y are checked.

        `watchers` are callbacks more, before the user's.
        """
        native = {}
        if self.has_validation:
            native["validation"] = self._validation(estimator)
        elif estimator.early_stopping and hasattr(estimator.validation_fraction, "split"):
            native["holdout"] = _first_split(estimator.validation_fraction, X, y)
        if self.n_epochs != 1:
            native["n_epochs"] = self.n_epochs
        callbacks = [*watchers, *self.callbacks]
        if callbacks:
            native |= native_callback(callbacks, estimator)
        return native

    def _validation(self, estimator: Any) -> Any:
        try:
            X = validate_data(
                estimator,
                on_host(self.X_val, "X_val"),
                accept_sparse=["csr", "csc"],
                dtype=FLOATS,
                reset=False,
            )
        except ValueError as error:
            raise ValueError(f"X_val: {error}") from None
        y = on_host(self.y_val, "y_val")
        y = y if hasattr(y, "shape") else np.asarray(y)
        check_consistent_length(X, y)
        y = estimator._checked_validation_target(y)
        weights = self.sample_weight_val
        if weights is not None:
            try:
                weights = _check_sample_weight(on_host(weights, "sample_weight_val"), X)
            except ValueError as error:
                raise ValueError(f"sample_weight_val: {error}") from None
            weights = np.ascontiguousarray(weights, dtype=np.float64)
        return native_samples(X), estimator._target(y), weights


def _first_split(splitter: Any, X: Any, y: Any) -> Any:
    """The rows to learn from and those to hold out."""
    try:
        train, test = next(iter(splitter.split(X, y)))
    except StopIteration:
        raise ValueError(f"validation_fraction={splitter!r} yields no split.") from None
    rows = []
    for part in (np.asarray(train), np.asarray(test)):
        if part.dtype.kind not in "iu" or part.ndim != 1:
            raise ValueError(f"validation_fraction={splitter!r} does not yield row numbers.")
        rows.append(np.ascontiguousarray(part, dtype=np.uint32))
    return tuple(rows)
