"""What the networks of the package predict with."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from skarma._borrowed import OF_OUTPUTS, overridden
from skarma._native_values import FLOATS, native_samples, plain
from skarma._plain_data import is_plain
from skarma._sklearn_networks import SKLEARN_ACTIVATIONS, NoNativeForm, native_of, own_parameter
from skarma._typed_sklearn import Mixin


class Prediction(Mixin):
    """The outputs of a fitted network, by its native model wherever there is one."""

    def _outputs(self, X: Any, outputs_of: Any) -> Any:
        """The outputs of a native model for samples, `outputs_of(model, X)`, or those of
        scikit-learn's `_forward_pass_fast` where only that can make sense of the attributes.
        """
        if overridden(self, OF_OUTPUTS):
            check_is_fitted(self)
            return self._forward_pass_fast(X)
        return self._own_outputs(X, outputs_of)

    def _own_outputs(self, X: Any, outputs_of: Any) -> Any:
        """The same where no method of the outputs is overridden."""
        try:
            outputs = self._native_outputs(X, outputs_of)
            if outputs is not None:
                return outputs
            reason = "the samples are of another type"
        except NoNativeForm as error:
            reason = str(error)
        check_is_fitted(self)
        if self.activation not in SKLEARN_ACTIVATIONS:
            raise ValueError(
                f"activation={self.activation!r} cannot be computed: scikit-learn's code does not "
                f"have it, and for the native library {reason}."
            )
        if own := own_parameter(self):
            raise ValueError(
                f"{own} cannot be computed: scikit-learn's code does not have it, and for the "
                f"native library {reason}."
            )
        return self._forward_pass_fast(X)

    def _native_outputs(self, X: Any, outputs_of: Any) -> Any:
        """The outputs, or None for samples of a type that the library does not compute in."""
        own = self.__dict__
        if is_plain(X) and "coefs_" in own and "feature_names_in_" not in own:
            outputs = self._plain_outputs(X, outputs_of)
            if outputs is not None:
                return outputs
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        dtype = self._dtype_of_outputs(X)
        if dtype not in FLOATS:
            return None
        model = self._current_model_of(dtype)
        return outputs_of(model, native_samples(X.astype(dtype, copy=False)))

    def _plain_outputs(self, X: Any, outputs_of: Any) -> Any:
        """The outputs, or None where scikit-learn's checks are to say what is wrong."""
        model = self._current_model_of(self._dtype_of_outputs(X))
        try:
            return outputs_of(model, X)
        except ValueError:
            return None

    def _dtype_of_outputs(self, X: Any) -> Any:
        """The type that NumPy computes in for these samples, or that of `dtype`."""
        if self.dtype is not None:
            return np.dtype(self.dtype)
        weights = getattr(self.coefs_[0], "dtype", np.float64)
        if X.dtype == weights:
            return weights
        return np.promote_types(X.dtype, weights) if X.dtype.kind in "biuf" else X.dtype

    def _current_model_of(self, dtype: Any) -> Any:
        """The native model, with weights of double where float32 is not enough."""
        model = self._current_model()
        if not model.is_float32 or dtype == np.float32 or self.dtype is not None:
            return model
        narrow, wide = self.__dict__.get("_wide_model", (None, None))
        if narrow is not model:
            is_one = model.n_members == 1
            wide = native_of(self, self._native_class, np.float64) if is_one else model.in_double()
            wide.set({"n_threads": plain(self.n_threads), "device": self.device})
            self._wide_model = model, wide
        return wide

    def __getstate__(self) -> Any:
        state = super().__getstate__()
        state.pop("_wide_model", None)
        return state
