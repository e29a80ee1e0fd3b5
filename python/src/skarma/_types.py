"""What the annotations of the package are made of; programs that run do not import it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from skarma.callbacks import Callback, FitProgress

#: A function, or a class, that a decorator gives back as it was.
F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C")


class SparseMatrix(Protocol):
    """SciPy's sparse matrices and arrays."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def tocsr(self) -> Any: ...


class ForeignArray(Protocol):
    """An array of another library, by DLPack's protocol."""

    def __dlpack__(self) -> Any: ...

    def __dlpack_device__(self) -> Any: ...


class Splitter(Protocol):
    """What cuts samples into folds, as scikit-learn's `KFold` does."""

    def split(self, X: Any, y: Any = ..., groups: Any = ...) -> Iterator[Any]: ...


Native: TypeAlias = Literal["auto", "require", "never"]
Samples: TypeAlias = ArrayLike | SparseMatrix | ForeignArray
RandomState: TypeAlias = int | np.random.RandomState | None
Solver: TypeAlias = Literal[
    "lbfgs",
    "sgd",
    "adam",
    "rmsprop",
    "adamw",
    "adagrad",
    "adadelta",
    "amsgrad",
    "nadam",
    "lion",
    "rprop",
    "gd",
    "lm",
]
Monitor: TypeAlias = Literal["loss", "validation_loss", "validation_score"]
Callbacks: TypeAlias = Sequence[Callback | Callable[[FitProgress], object]]
CV: TypeAlias = int | Splitter | Iterable[tuple[ArrayLike, ArrayLike]] | None
Scorer: TypeAlias = str | Callable[..., Any]
Scoring: TypeAlias = Scorer | None
Scorings: TypeAlias = Scoring | Sequence[str] | Mapping[str, Scorer]
#: Values of different types are dict[str, object] to a checker, and grids of them a list[object].
Grid: TypeAlias = Mapping[str, Any] | list[Any] | tuple[Mapping[str, Any], ...]
