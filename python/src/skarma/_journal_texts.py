"""Values of parameters as text that any process writes alike, by which a journal knows them."""

from __future__ import annotations

import copyreg
import hashlib
import json
import sys
from enum import Enum
from functools import partial
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
from scipy import special
from sklearn.base import BaseEstimator

from skarma._prefix_keys import key_of

_ATOMS = frozenset((type(None), bool, int, float, str))
#: NumPy's scalars that mean the same as Python's.
_AS_PYTHON = (np.bool_, np.int64, np.float64, np.str_)
#: Packages whose functions are known by their names: their versions are part of a search.
_KNOWN = ("builtins", "copyreg", "numpy", "scipy", "skarma", "sklearn")
# What clones keep beside parameters, and the containers whose entries they clone.
_KEPT_BY_CLONES = ("_sklearn_output_config", "_metadata_request")
_CLONED_INSIDE = (list, tuple, set, frozenset)


class _NoTextError(Exception):
    """There is none that another process would write, too."""


def text_of(value: Any, without: tuple[str, ...] = ()) -> str:
    """A text that is the same in each process, for values that mean the same to a fit.

    Estimators are written as `sklearn.base.clone` makes them (class and parameters; all their
    state where they have a clone of their own), functions by name, code, defaults and what they
    enclose, other objects by what their pickle would be made of. What is longer is a digest.

    Parameters
    ----------
    value : object
        A value of a parameter, or a scorer.

    without : tuple of str
        Parameters of estimators to leave out.

    Returns
    -------
    text : str
        JSON where that has a word for the value.

    Raises
    ------
    ValueError
        For a value that cannot be written so.
    """
    try:
        return _Writer(without).text(value)
    except _NoTextError as error:
        raise ValueError(
            f"A search with a journal cannot know {_shown(value)} again in another process"
            f"{error}; give an object that can be pickled, or a function of a module."
        ) from error


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def are_equal(a: Any, b: Any) -> bool:
    """Whether two values of parameters that have one text are one to Python, too."""
    if a is b or key_of(a) == key_of(b):
        return True
    if type(a) in (list, tuple) and type(a) is type(b) and len(a) == len(b):
        return all(map(are_equal, a, b))
    numbers = (bool, int, float, str, np.generic)
    return isinstance(a, numbers) and isinstance(b, numbers) and bool(a == b)


def _sha1(*texts: str) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def _name_of(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def _is_known_by_name(function: Any) -> bool:
    """Whether it is what a package that does not change has under its name."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return False
    found: Any = sys.modules.get(module) if module.split(".")[0] in _KNOWN else None
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is function


def _is_cloned_by_parameters(value: Any) -> bool:
    """Whether `clone` makes it anew of its parameters; a frozen one keeps what it has learnt."""
    if isinstance(value, type) or not (hasattr(value, "get_params") and hasattr(value, "fit")):
        return False
    own_clone = getattr(type(value), "__sklearn_clone__", None)
    return own_clone in (None, BaseEstimator.__sklearn_clone__)


class _Writer:
    def __init__(self, without: tuple[str, ...]) -> None:
        self._without = without
        self._around: list[Any] = []  # what holds the value that is being written
        self._is_copied = False  # whether a clone of the whole keeps what an estimator has learnt

    def text(self, value: Any) -> str:
        if type(value) in _AS_PYTHON:
            value = value.item()
        if type(value) in _ATOMS:
            return json.dumps(value)  # of NaN and infinities, too
        for depth, holder in enumerate(self._around):
            if holder is value:
                return f"holder {depth}"
        self._around.append(value)
        was_copied = self._is_copied
        self._is_copied = was_copied or not (
            type(value) in _CLONED_INSIDE or _is_cloned_by_parameters(value)
        )
        try:
            return self._text_of_object(value)
        finally:
            self._around.pop()
            self._is_copied = was_copied

    def _texts(self, values: Any) -> str:
        return ", ".join(map(self.text, values))

    def _text_of_object(self, value: Any) -> str:
        kind = type(value)
        if kind is list:
            return f"[{self._texts(value)}]"
        if kind is tuple:
            return f"tuple [{self._texts(value)}]"
        if kind is dict:
            entries = [f"{self.text(name)}: {self.text(entry)}" for name, entry in value.items()]
            return f"{{{', '.join(entries)}}}"
        if kind in (set, frozenset):  # whose order is another one in each process
            return f"{kind.__name__} [{', '.join(sorted(map(self.text, value)))}]"
        if kind in (bytes, complex):
            return f"{kind.__name__} {value!r}"
        if kind is np.ndarray:
            return self._text_of_array(value)
        if isinstance(value, np.ufunc):
            return self._text_of_ufunc(value)
        if isinstance(value, Enum):
            return f"{_name_of(kind)}.{value.name}"
        if isinstance(value, ModuleType):
            return f"module {value.__name__}"
        if isinstance(value, type):
            return _name_of(value)
        if _is_known_by_name(value):
            return _name_of(value)
        if isinstance(value, FunctionType):
            return self._text_of_function(value)
        if isinstance(value, MethodType):
            return f"{self.text(value.__func__)} of {self.text(value.__self__)}"
        if isinstance(value, BuiltinFunctionType):
            return self._text_of_builtin(value)
        if isinstance(value, CodeType):
            return self._text_of_code(value)
        if isinstance(value, partial):
            parts = (value.func, value.args, value.keywords, vars(value))
            return f"{_name_of(kind)} {_sha1(self._texts(parts))}"
        if not self._is_copied and _is_cloned_by_parameters(value):
            return self._text_of_estimator(value)
        return self._text_by_state(value)

    def _text_of_array(self, array: Any) -> str:
        if array.dtype.hasobject:
            entries = self._texts(array.ravel().tolist())
            return f"ndarray {_sha1(str(array.dtype), str(array.shape), entries)}"
        digest = hashlib.sha1(np.ascontiguousarray(array).tobytes(), usedforsecurity=False)
        dtype = str(np.lib.format.dtype_to_descr(array.dtype))
        return f"ndarray {_sha1(dtype, str(array.shape), digest.hexdigest())}"

    @staticmethod
    def _text_of_ufunc(function: Any) -> str:
        name = str(function.__name__)
        for package, module in (("numpy", np), ("scipy.special", special)):
            if getattr(module, name, None) is function:
                return f"{package}.{name}"
        raise _NoTextError(f" (the ufunc {name} is not one of NumPy's or SciPy's)")

    def _text_of_function(self, function: Any) -> str:
        cells = []
        for cell in function.__closure__ or ():
            try:
                inner = cell.cell_contents
            except ValueError:  # it has no value yet
                cells.append("empty")
            else:
                cells.append(self.text(inner))
        parts = (function.__code__, function.__defaults__, function.__kwdefaults__)
        return f"{_name_of(function)} {_sha1(self._texts(parts), *cells)}"

    def _text_of_code(self, code: CodeType) -> str:
        names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
        counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
        parts = (code.co_code, getattr(code, "co_exceptiontable", b""), names, counts)
        return f"code {_sha1(self._texts(parts), self._texts(code.co_consts))}"

    def _text_of_builtin(self, function: Any) -> str:
        owner = function.__self__
        if owner is None or isinstance(owner, ModuleType):
            return _name_of(function)
        return f"{function.__qualname__} of {self.text(owner)}"

    def _text_of_estimator(self, estimator: Any) -> str:
        kind = type(estimator)
        params = sorted(estimator.get_params(deep=False).items())
        kept = [vars(estimator).get(name) for name in _KEPT_BY_CLONES]
        texts = [f"{name}={self.text(v)}" for name, v in params if name not in self._without]
        return f"{_name_of(kind)} {_sha1(*texts, self._texts(kept))}"

    def _text_by_state(self, value: Any) -> str:
        kind = type(value)
        try:
            own = copyreg.dispatch_table.get(kind)
            reduced = own(value) if own else value.__reduce_ex__(4)
        except Exception as error:  # whatever a class of somebody else's raises
            raise _NoTextError(f" ({error})") from error
        if isinstance(reduced, str):
            return f"{_name_of(kind)} {reduced}"
        make, args, *rest = reduced
        state = [list(part) if i in (1, 2) and part else part for i, part in enumerate(rest)]
        return f"{_name_of(kind)} {_sha1(self._texts((make, args, *state)))}"
