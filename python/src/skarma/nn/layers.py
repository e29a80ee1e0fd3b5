"""The layers of a `Sequential`, under their Keras names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from skarma import _native
from skarma.nn._checks import Pair, number, pair, shape, whole


@dataclass(kw_only=True)
class Layer(ABC):
    """What all layers take.

    Parameters
    ----------
    input_shape : tuple of int, default=None
        How a sample looks: (features,) or (height, width, channels). The first layer of a network
        may say so; otherwise the first fit finds out.

    trainable : bool, default=True
        Whether training changes its weights. It may be set later, of a layer of a network, too (of
        one inside of a `Residual` before that is made); in a callback, for the next fit. A
        `BatchNorm` that is not trained goes by its moving statistics in training, too, and leaves
        them alone.

    Examples
    --------
    >>> from skarma import nn
    >>> layer = nn.Dense(3)
    >>> layer.trainable = False
    """

    input_shape: tuple[int, ...] | None = None
    trainable: bool = field(default=True, repr=False, compare=False)

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "trainable" and name in self.__dict__:
            raise AttributeError(
                f"The {name} of a layer does not change: make another layer. ('trainable' does.)"
            )
        object.__setattr__(self, name, value)

    @property
    def _shape(self) -> list[int]:
        return shape(self.input_shape)

    @abstractmethod
    def _native(self) -> Any:
        """The layer of the extension module. Raises ValueError for what no layer can be."""


def _name(activation: str | None) -> str:
    """None is no activation, as in Keras."""
    if activation is None:
        return "linear"
    if isinstance(activation, str):
        return activation
    raise ValueError(f"activation must be a str or None. Got {activation!r} instead.")


@dataclass
class Dense(Layer):
    """Each unit is a weighted sum of all that it reads, plus a bias.

    Parameters
    ----------
    units : int
        How many.

    activation : str, default="linear"
        One of Keras's names ("relu", "sigmoid", "tanh", "softmax", "gelu", "selu", "swish" ...) or
        of skarma's with a number, as "leaky_relu(0.1)". "softmax", "sigmoid" and "exponential" may
        be the last of a network.

    Examples
    --------
    >>> from skarma import nn
    >>> nn.Sequential([nn.Dense(4, "relu", input_shape=(3,)), nn.Dense(1)]).count_params()
    21
    """

    units: int
    activation: str | None = "linear"

    def _native(self) -> Any:
        return _native.dense(whole("units", self.units), _name(self.activation), self._shape)


@dataclass
class Activation(Layer):
    """A function of each value: see `Dense` for its names.

    Examples
    --------
    >>> from skarma import nn
    >>> layers = [nn.Dense(4, input_shape=(3,)), nn.Activation("leaky_relu(0.1)"), nn.Dense(1)]
    >>> nn.Sequential(layers).count_params()
    21
    """

    activation: str

    def _native(self) -> Any:
        return _native.activation_layer(_name(self.activation), self._shape)


@dataclass
class Dropout(Layer):
    """In training each value is left out with the probability `rate` (Srivastava et al., 2014).

    Examples
    --------
    >>> from skarma import nn
    >>> nn.Dropout(0.5)
    Dropout(input_shape=None, rate=0.5)
    """

    rate: float

    def _native(self) -> Any:
        return _native.dropout(number("rate", self.rate), self._shape)


@dataclass
class BatchNorm(Layer):
    """Batch normalisation (Ioffe and Szegedy, 2015), of units, or of the channels of images.

    Its constants are PyTorch's: epsilon 1e-5, and a batch is a tenth of the moving statistics.

    Examples
    --------
    >>> from skarma import nn
    >>> nn.Sequential([nn.Dense(4, input_shape=(3,)), nn.BatchNorm(), nn.Dense(1)]).summary()
    Layer                     Output Shape  Param #
    dense_1 (Dense)           (None, 4)          16
    batch_norm_1 (BatchNorm)  (None, 4)          16
    dense_2 (Dense)           (None, 1)           5
    Total params: 37
    Trainable params: 29
    """

    def _native(self) -> Any:
        return _native.batch_norm(self._shape)


@dataclass
class LayerNorm(Layer):
    """Layer normalisation (Ba et al., 2016), of a sample, or of the channels of each place.

    Examples
    --------
    >>> from skarma import nn
    >>> nn.Sequential([nn.LayerNorm(input_shape=(3,)), nn.Dense(1)]).count_params()
    10
    """

    def _native(self) -> Any:
        return _native.layer_norm(self._shape)


@dataclass
class Residual(Layer):
    """What goes in, plus what the layers make of it, of the same shape (He et al., 2016).

    Parameters
    ----------
    layers : sequence of Layer
        The first is a `Dense` or a `Conv2D`.

    Examples
    --------
    >>> from skarma import nn
    >>> block = nn.Residual([nn.Dense(8, "relu"), nn.Dense(4)])
    >>> nn.Sequential([nn.Dense(4, input_shape=(2,)), block, nn.Dense(1)]).count_params()
    93
    """

    layers: Sequence[Layer] = field(default_factory=tuple)

    def _native(self) -> Any:
        if self.input_shape is not None:
            raise ValueError("The input_shape of a Residual is that of its first layer.")
        if not isinstance(self.layers, Sequence):
            raise TypeError(f"A list of layers is wanted. Got {self.layers!r} instead.")
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise TypeError(f"A layer of skarma.nn is wanted. Got {layer!r} instead.")
        return _native.residual(
            [layer._native().that_is(bool(layer.trainable)) for layer in self.layers]
        )


@dataclass
class Flatten(Layer):
    """An image becomes a row of numbers.

    Examples
    --------
    >>> from skarma import nn
    >>> model = nn.Sequential([nn.Flatten(input_shape=(28, 28, 1)), nn.Dense(10, "softmax")])
    >>> model.summary().layers[0].output_shape
    (None, 784)
    """

    def _native(self) -> Any:
        return _native.flatten(self._shape)


@dataclass
class Rescale(Layer):
    """Values times `scale`, plus `offset`: ``Rescale(1 / 255)`` for bytes of an image.

    Examples
    --------
    >>> import numpy as np
    >>> from skarma import nn
    >>> model = nn.Sequential([nn.Rescale(1 / 255, input_shape=(2,)), nn.Dense(1)])
    >>> model.set_weights([[[1.0], [1.0]], [0.0]])
    >>> round(float(model.predict(np.array([[255, 51]]))[0, 0]), 6)
    1.2
    """

    scale: float
    offset: float = 0.0

    def _native(self) -> Any:
        return _native.rescale(
            number("scale", self.scale), number("offset", self.offset), self._shape
        )


@dataclass
class Conv2D(Layer):
    """A convolution of images: each filter is a weighted sum of what it sees at each place.

    Parameters
    ----------
    filters : int
        How many; they are the channels of what comes out.

    kernel_size : int or pair of int
        Rows and columns that a filter sees.

    strides : int or pair of int, default=(1, 1)
        By how many rows and columns it moves.

    padding : {"valid", "same"}, default="valid"
        Whether it stays inside of the image, or sees zeros around so that there is a place for each
        stride.

    activation : str, default="linear"
        See `Dense`.

    Examples
    --------
    >>> from skarma import nn
    >>> layers = [nn.Conv2D(6, (5, 5), input_shape=(32, 32, 3)), nn.Flatten(), nn.Dense(10)]
    >>> nn.Sequential(layers).summary().layers[0]
    LayerLine(name='conv2d_1', kind='Conv2D', output_shape=(None, 28, 28, 6), n_params=456)
    """

    filters: int
    kernel_size: int | Pair
    strides: int | Pair = (1, 1)
    padding: str = "valid"
    activation: str | None = "linear"

    def _native(self) -> Any:
        return _native.conv2d(
            whole("filters", self.filters),
            pair("kernel_size", self.kernel_size),
            _name(self.activation),
            pair("strides", self.strides),
            str(self.padding),
            self._shape,
        )


@dataclass
class _Pool(Layer):
    pool_size: int | Pair = (2, 2)
    strides: int | Pair | None = None
    padding: str = "valid"

    def _arguments(self) -> tuple[Pair, Pair, str, list[int]]:
        size = pair("pool_size", self.pool_size)
        strides = size if self.strides is None else pair("strides", self.strides)
        return size, strides, str(self.padding), self._shape


@dataclass
class MaxPool2D(_Pool):
    """The largest value of each channel that a window sees.

    Parameters
    ----------
    pool_size : int or pair of int, default=(2, 2)
        Rows and columns of the window.

    strides : int or pair of int, default=None
        By how many it moves; None is its size.

    padding : {"valid", "same"}, default="valid"
        Whether it stays inside of the image, or there is a place for each stride.

    Examples
    --------
    >>> from skarma import nn
    >>> layers = [nn.MaxPool2D((3, 3), strides=2, input_shape=(7, 7, 4)), nn.Flatten(), nn.Dense(1)]
    >>> nn.Sequential(layers).summary().layers[0].output_shape
    (None, 3, 3, 4)
    """

    def _native(self) -> Any:
        return _native.max_pool2d(*self._arguments())


@dataclass
class AveragePool2D(_Pool):
    """The mean of each channel that a window sees inside of the image: see `MaxPool2D`.

    Examples
    --------
    >>> from skarma import nn
    >>> pool = nn.AveragePool2D(2, padding="same", input_shape=(5, 5, 1))
    >>> nn.Sequential([pool, nn.Flatten(), nn.Dense(1)]).summary().layers[0].output_shape
    (None, 3, 3, 1)
    """

    def _native(self) -> Any:
        return _native.average_pool2d(*self._arguments())


@dataclass
class GlobalAveragePool2D(Layer):
    """The mean of each channel of an image.

    Examples
    --------
    >>> from skarma import nn
    >>> layers = [nn.GlobalAveragePool2D(input_shape=(7, 7, 512)), nn.Dense(10, "softmax")]
    >>> nn.Sequential(layers).summary().layers[0].output_shape
    (None, 512)
    """

    def _native(self) -> Any:
        return _native.global_average_pool2d(self._shape)


_KINDS = {
    kind.__name__: kind
    for kind in (
        Dense,
        Activation,
        Dropout,
        BatchNorm,
        LayerNorm,
        Residual,
        Flatten,
        Rescale,
        Conv2D,
        MaxPool2D,
        AveragePool2D,
        GlobalAveragePool2D,
    )
}


def layer_of(config: dict[str, Any]) -> Layer:
    """The layer that a model file describes so."""
    given: dict[str, Any] = {
        name: tuple(value) if name != "layers" and isinstance(value, list) else value
        for name, value in config.items()
        if name != "kind"
    }
    if "layers" in given:
        given.pop("input_shape", None)  # its first layer says so
        given["layers"] = tuple(layer_of(inner) for inner in given["layers"])
    return _KINDS[config["kind"]](**given)
