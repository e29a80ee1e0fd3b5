"""Arrays of other libraries, such as PyTorch's, CuPy's and JAX's, to NumPy's and back.

They are known by DLPack's protocol:
https://data-apis.org/array-api/latest/design_topics/data_interchange.html
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy import ndarray

_CPU = (1, 0)
#: DLPack's kDLCPU, kDLCUDAHost and kDLROCMHost: types of devices whose memory NumPy can read.
_READ_BY_NUMPY = frozenset((1, 3, 11))
#: What libraries raise for an array that DLPack or NumPy has no form for.
_REFUSALS = (BufferError, RuntimeError, TypeError, ValueError)


def is_foreign(array: Any) -> bool:
    """Whether this is an array of another library than NumPy."""
    kind = type(array)
    return (
        hasattr(kind, "__dlpack__")
        and hasattr(kind, "__dlpack_device__")
        and not issubclass(kind, ndarray)
    )


def on_host(array: Any, name: str) -> Any:
    """An array of another library as NumPy's, without a copy where it lies in this processor's
    memory. Whatever else it is comes back as it is, and so does what NumPy's own conversion is to
    judge.

    `name` is what the user calls it. Raises TypeError for an array that no way leads from, and what
    its library raises for a copy that fails.
    """
    if type(array) is ndarray or not is_foreign(array):
        return array
    array = _copied_by_its_library(_exportable(array))
    try:
        is_read = array.__dlpack_device__()[0] in _READ_BY_NUMPY
        return np.from_dlpack(array if is_read else _HostCopy(array))
    except _REFUSALS as error:
        if hasattr(type(array), "__array__"):
            return array
        kind = f"{type(array).__module__}.{type(array).__qualname__}"
        raise TypeError(
            f"{name} must be an array that can be copied to this processor's memory. Got one of "
            f"type {kind}, whose library says: {error}"
        ) from error


def samples_on_host(X: Any, y: Any, sample_weight: Any) -> Any:
    """All three by `on_host`."""
    if type(X) is ndarray and type(y) is ndarray and sample_weight is None:
        return X, y, sample_weight
    return on_host(X, "X"), on_host(y, "y"), on_host(sample_weight, "sample_weight")


def given_back(method: Any, network: Any, X: Any) -> Any:
    """What a method predicts for an array of another library, as an array of that library and on
    the same device. Labels that are no numbers stay in a NumPy array.
    """
    return _in_kind_of(X, method(network, on_host(X, "X")))


def _exportable(array: Any) -> Any:
    """The same numbers without gradients, and bfloat16, which NumPy does not have, as float32."""
    if hasattr(array, "detach"):
        array = array.detach()
    if str(getattr(array, "dtype", "")).endswith("bfloat16"):
        return array.float() if hasattr(array, "float") else array.astype("float32")
    return array


def _copied_by_its_library(array: Any) -> Any:
    """The array in this processor's memory, by CuPy's way or by PyTorch's, which copies only what
    is not there; or the array itself, if its library has neither.
    """
    if hasattr(array, "get"):
        return array.get()
    return array.cpu() if hasattr(array, "cpu") else array


class _HostCopy:
    """An array that NumPy is to get a copy of in this processor's memory, by DLPack 1."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __dlpack_device__(self) -> Any:
        return _CPU

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.__dlpack__(**options | {"dl_device": _CPU, "copy": True})


def _in_kind_of(array: Any, result: Any) -> Any:
    """A NumPy array of numbers as one of the library of `array` and on its device."""
    xp = _namespace_of(array)
    is_numeric = isinstance(result, ndarray) and result.dtype.kind in "biuf"
    if not is_numeric or not hasattr(xp, "asarray"):
        return result
    if xp.__name__ == "cupy":  # its asarray takes no device
        with array.device:
            return xp.asarray(result)
    return xp.asarray(result, device=array.device)


def _namespace_of(array: Any) -> Any:
    """The array API of an array's library: PyTorch and CuPy have it in their main module."""
    if hasattr(array, "__array_namespace__"):
        return array.__array_namespace__()
    owner = next(kind for kind in type(array).__mro__ if "__dlpack__" in vars(kind))
    return sys.modules.get(owner.__module__.partition(".")[0])
