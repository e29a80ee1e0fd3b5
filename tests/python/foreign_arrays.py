"""Arrays of other libraries: of those that are installed, and of some that do not exist."""

from types import ModuleType

import numpy as np
import pytest

CPU = (1, 0)


class Library:
    """What the array API has, as far as predictions come back through it."""

    __name__ = "fake"

    def __init__(self, kind):
        self.kind = kind

    def asarray(self, values, *, device):
        return self.kind(values, device)


class GpuArray:
    """An array on a GPU by DLPack 1: NumPy gets copies, if it asks for them.

    `asked` are the device and the copy that were asked for each time.
    """

    def __init__(self, values, device=(2, 0)):
        self.values, self.device, self.asked = np.array(values), device, []

    dtype = property(lambda self: self.values.dtype)
    shape = property(lambda self: self.values.shape)

    def __len__(self):
        return len(self.values)

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        self.asked.append((dl_device, copy))
        if dl_device != CPU:
            raise BufferError("the array lies on a GPU")
        return self.values.copy().__dlpack__()

    def __array_namespace__(self, api_version=None):
        return Library(type(self))


class OldGpuArray(GpuArray):
    """One of PyTorch's kind, and of the time before DLPack 1."""

    def __dlpack__(self, *, stream=None):
        raise BufferError("the array lies on a GPU")

    def cpu(self):
        self.asked.append("cpu")
        return self.values.copy()


class CupyDevice:
    """New arrays lie on the device that was entered last."""

    entered = []

    def __enter__(self):
        CupyDevice.entered.append(self)

    def __exit__(self, *error):
        CupyDevice.entered.pop()


class CupyArray:
    """One of CuPy's kind, whose library has no array API by name, and no device in `asarray`."""

    __module__ = "cupy"

    def __init__(self, values, device=None):
        self.values, self.device = np.array(values), device or CupyDevice()

    dtype = property(lambda self: self.values.dtype)

    def __dlpack_device__(self):
        return 2, 0

    def __dlpack__(self, *, stream=None):
        raise BufferError("the array lies on a GPU")

    def get(self):
        return self.values.copy()


def cupy_module():
    """The module that is to be found as `cupy`."""
    module = ModuleType("cupy")
    module.asarray = lambda values: CupyArray(values, CupyDevice.entered[-1])
    return module


class DerivedCupyArray(CupyArray):
    """A user's class; in this module there is no `asarray`."""

    __module__ = __name__


class PinnedArray(GpuArray):
    """One in memory of this processor that a GPU reads, too."""

    def __init__(self, values, device=(3, 0)):
        super().__init__(values, device)

    def __dlpack__(self, *, copy=False, **options):
        return (self.values.copy() if copy else self.values).__dlpack__()


class NamelessArray(PinnedArray):
    """One whose library has no array API."""

    __array_namespace__ = property()


class UnreachableArray(GpuArray):
    """One whose library brings it nowhere."""

    def __dlpack__(self, **options):
        raise BufferError("the device is asleep")


class TextArray:
    """Strings in this processor's memory, as PyArrow's: not for DLPack, but NumPy takes them."""

    refusal = TypeError

    def __init__(self, values):
        self.values = np.array(values)

    def __len__(self):
        return len(self.values)

    def __dlpack_device__(self):
        return CPU

    def __dlpack__(self, **options):
        raise self.refusal("DLPack has no strings")

    def __array__(self, dtype=None, copy=None):
        return self.values


LIBRARIES = ("fake", "fake of old", "array_api_strict", "torch", "jax")


def library(name):
    """The library's function that makes its array of one of NumPy's."""
    if name.startswith("fake"):
        return {"fake": GpuArray, "fake of old": OldGpuArray}[name]
    reason = f"there is no {name}: its arrays are NOT tested"
    return pytest.importorskip("jax.numpy" if name == "jax" else name, reason=reason).asarray


def back(array):
    """The array as NumPy's, in the way of the array's own library."""
    return array.values if isinstance(array, GpuArray) else np.asarray(array)
