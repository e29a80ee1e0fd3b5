"""What is done to the images of each minibatch in training."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from skarma import _native
from skarma.nn._checks import number, whole

Spread = float | tuple[float, float]
"""A number x stands for the range from -x to x."""

AugmentFunction = Callable[[NDArray[Any], np.random.Generator], ArrayLike]
"""Of a minibatch and a generator of random numbers; returns what is learnt from instead."""


class Augmentation(ABC):
    """What is done to the samples of each minibatch in training: ``fit(..., augment=[...])``.

    What is drawn depends on the network's `random_state`, the epoch and the sample alone (of what
    is no function). Called with images, it shows what it does to them. The classes below are all
    that there are: for others `fit` takes functions.

    Examples
    --------
    >>> from skarma import nn
    >>> isinstance(nn.RandomFlip(), nn.Augmentation)
    True
    """

    def __call__(self, x: ArrayLike, random_state: Any = None) -> NDArray[Any]:
        """Do it to samples, each by a draw of its own.

        Parameters
        ----------
        x : array-like of shape (n_samples, height, width, channels) or (n_samples, n_features)
            The samples.

        random_state : int, RandomState instance or None, default=None
            What is drawn from.

        Returns
        -------
        changed : ndarray of the shape of x
            Of float32 for float32, otherwise of float64.
        """
        samples = np.asarray(x)
        if samples.dtype.kind not in "buif" or samples.ndim not in (2, 4) or len(samples) == 0:
            raise ValueError(
                "x has the shape (n_samples, height, width, channels) or (n_samples, n_features), "
                f"of numbers. Got {samples.dtype} of shape {samples.shape} instead."
            )
        seed = int(check_random_state(random_state).randint(2**32, dtype=np.uint64))
        rows = np.ascontiguousarray(samples.reshape(len(samples), -1), dtype=np.float64)
        changed = _native.augmented(rows, list(samples.shape[1:]), self._native(), seed)
        dtype = np.float32 if samples.dtype == np.float32 else np.float64
        return np.asarray(changed.reshape(samples.shape), dtype=dtype)

    @abstractmethod
    def _native(self) -> Any:
        """That of the extension module. Raises ValueError for numbers out of their range."""


def _spread(name: str, value: Spread) -> tuple[float, float]:
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return number(name, value[0]), number(name, value[1])
    most = number(name, value)
    if not most >= 0:
        raise ValueError(f"{name} must be at least 0, or a pair (low, high). Got {value!r}.")
    return -most, most


def _mode(fill_mode: str) -> str:
    if not isinstance(fill_mode, str):
        raise ValueError(f"fill_mode must be a str. Got {fill_mode!r} instead.")
    return fill_mode


@dataclass(frozen=True)
class RandomTranslation(Augmentation):
    """Moves each image down and right, by shares of its height and width.

    Parameters
    ----------
    height_factor : float or pair of float
        0.1: from a tenth of the height up to a tenth down; (0.0, 0.1): down alone. -1 to 1.

    width_factor : float or pair of float, default=None
        The same for the width, right; None: as `height_factor`.

    fill_mode : {"reflect", "constant", "nearest", "wrap"}, default="reflect"
        What is seen outside of the image: the image mirrored at its edge (d c b a | a b c d |
        d c b a), `fill_value`, the nearest pixel, or the image again.

    fill_value : float, default=0.0
        Of "constant".

    Notes
    -----
    Values between pixels are bilinear. Keras's class of that name.

    Examples
    --------
    >>> import numpy as np
    >>> from skarma import nn
    >>> image = np.arange(4.0).reshape(1, 2, 2, 1)
    >>> nn.RandomTranslation((0.5, 0.5), 0.0, "constant")(image)[0, :, :, 0]
    array([[0., 0.],
           [0., 1.]])
    """

    height_factor: Spread
    width_factor: Spread | None = None
    fill_mode: str = "reflect"
    fill_value: float = 0.0

    def _native(self) -> Any:
        width = self.height_factor if self.width_factor is None else self.width_factor
        return _native.random_translation(
            _spread("height_factor", self.height_factor),
            _spread("width_factor", width),
            _mode(self.fill_mode),
            number("fill_value", self.fill_value),
        )


@dataclass(frozen=True)
class RandomRotation(Augmentation):
    """Turns each image about its centre, counter-clockwise.

    Parameters
    ----------
    degrees : float or pair of float
        15: from 15 degrees clockwise to 15 counter-clockwise. -360 to 360. (Keras's class of that
        name takes shares of a full turn.)

    fill_mode, fill_value
        As those of `RandomTranslation`, with bilinear values between pixels.

    Examples
    --------
    >>> import numpy as np
    >>> from skarma import nn
    >>> image = np.arange(4.0).reshape(1, 2, 2, 1)
    >>> nn.RandomRotation((90, 90))(image)[0, :, :, 0].round(6)
    array([[1., 3.],
           [0., 2.]])
    """

    degrees: Spread
    fill_mode: str = "reflect"
    fill_value: float = 0.0

    def _native(self) -> Any:
        return _native.random_rotation(
            _spread("degrees", self.degrees),
            _mode(self.fill_mode),
            number("fill_value", self.fill_value),
        )


@dataclass(frozen=True)
class RandomFlip(Augmentation):
    """Mirrors half of the images.

    Parameters
    ----------
    mode : {"horizontal_and_vertical", "horizontal", "vertical"}, default="horizontal_and_vertical"
        Left to right, top to bottom, or both, each by a draw of its own.

    Examples
    --------
    >>> import numpy as np
    >>> from skarma import nn
    >>> images = np.tile([[[1.0], [2.0]]], (1000, 1, 1, 1))
    >>> bool(450 < (nn.RandomFlip("horizontal")(images, 0)[:, 0, 0, 0] == 2).sum() < 550)
    True
    """

    mode: str = "horizontal_and_vertical"

    def _native(self) -> Any:
        directions = {
            "horizontal_and_vertical": (True, True),
            "horizontal": (True, False),
            "vertical": (False, True),
        }
        if not isinstance(self.mode, str) or self.mode not in directions:
            names = ", ".join(map(repr, directions))
            raise ValueError(f"mode must be one of {names}. Got {self.mode!r} instead.")
        return _native.random_flip(*directions[self.mode])


@dataclass(frozen=True)
class RandomCrop(Augmentation):
    """Puts pixels around each image and takes a part of the image's size, whole pixels anywhere.

    Parameters
    ----------
    padding : int
        Pixels on each side: the image moves by up to so many.

    fill_mode : {"constant", "reflect", "nearest", "wrap"}, default="constant"
        What is put there: see `RandomTranslation`.

    fill_value : float, default=0.0
        Of "constant".

    Notes
    -----
    torchvision's ``RandomCrop(size, padding)`` with the image's size.

    Examples
    --------
    >>> import numpy as np
    >>> from skarma import nn
    >>> nn.RandomCrop(2)(np.ones((5, 8, 8, 3)), random_state=0).shape
    (5, 8, 8, 3)
    """

    padding: int
    fill_mode: str = "constant"
    fill_value: float = 0.0

    def _native(self) -> Any:
        return _native.random_crop(
            whole("padding", self.padding, most=2**16),
            _mode(self.fill_mode),
            number("fill_value", self.fill_value),
        )


@dataclass(frozen=True)
class GaussianNoise(Augmentation):
    """Adds normal noise to every value, of images or of other samples.

    Parameters
    ----------
    stddev : float
        Its standard deviation, in the units of the samples.

    Examples
    --------
    >>> import numpy as np
    >>> from skarma import nn
    >>> float(nn.GaussianNoise(0.5)(np.zeros((100, 50)), random_state=0).std().round(2))
    0.5
    """

    stddev: float

    def _native(self) -> Any:
        return _native.gaussian_noise(number("stddev", self.stddev))


class _Function:
    """A user's function, as the extension module calls it."""

    def __init__(self, function: AugmentFunction, shape: Sequence[int], dtype: str) -> None:
        self.function = function
        self.shape = tuple(shape)
        self.dtype = dtype

    def __call__(self, rows: NDArray[np.float64], seeds: Sequence[int]) -> NDArray[np.float64]:
        x = rows.reshape(-1, *self.shape).astype(self.dtype)
        changed = np.asarray(self.function(x, np.random.default_rng(seeds)))
        if changed.shape != x.shape or changed.dtype.kind not in "buif":
            raise ValueError(
                f"augment must return samples of the shape {x.shape}. Got {changed.dtype} of "
                f"shape {changed.shape} instead."
            )
        with np.errstate(over="ignore"):  # the next line says so
            changed = changed.astype(self.dtype)
        if not np.isfinite(changed).all():
            raise ValueError(f"augment returned samples with NaN or infinities of {self.dtype}.")
        return np.ascontiguousarray(changed.reshape(rows.shape), dtype=np.float64)


Augment = Augmentation | AugmentFunction


def listed(augment: Augment | Sequence[Augment] | None) -> list[Augment]:
    """One or several, as a list. Raises TypeError for others."""
    if augment is None:
        return []
    several = list(augment) if isinstance(augment, Sequence) else [augment]
    for one in several:
        if not callable(one) or isinstance(one, type):
            raise TypeError(
                "augment takes augmentations of skarma.nn, as nn.RandomFlip(), and functions of a "
                f"minibatch and a generator. Got {one!r} instead."
            )
    return several


def native_augmentations(augment: Sequence[Augment], shape: Sequence[int], dtype: str) -> list[Any]:
    """What the extension module takes, for samples of this shape."""
    for one in augment:
        for name in ("fill_value", "stddev"):
            value = getattr(one, name, 0.0) if isinstance(one, Augmentation) else 0.0
            if float(np.finfo(dtype).max) < abs(number(name, value)) < math.inf:
                raise ValueError(f"{name} must be a number of {dtype}. Got {value!r} instead.")
    return [
        one._native() if isinstance(one, Augmentation) else _Function(one, shape, dtype)
        for one in augment
    ]
