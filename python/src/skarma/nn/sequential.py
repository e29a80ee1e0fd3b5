"""A network as a list of layers."""

from __future__ import annotations

import json
import math
import operator
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from copy import deepcopy
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skarma import _native
from skarma.nn import _checks, _inputs
from skarma.nn._running_fit import RunningFit
from skarma.nn._summary import LayerLine, NetworkSummary
from skarma.nn.augmentations import Augment, listed, native_augmentations
from skarma.nn.callbacks import Callback, History
from skarma.nn.layers import Dense, Layer, layer_of
from skarma.nn.optimizers import Optimizer, optimizer_called, optimizer_of

_ACCURACIES = ("accuracy", "acc", "categorical_accuracy", "binary_accuracy")

_Method = TypeVar("_Method", bound=Callable[..., Any])


def _only_success_builds(method: _Method) -> _Method:
    """Let samples of a call that fails not say how those of the network look."""

    @wraps(method)
    def called(self: Sequential, *args: Any, **kwargs: Any) -> Any:
        was_built = self._native is not None and self._native.is_built
        try:
            return method(self, *args, **kwargs)
        except BaseException:
            if not was_built and self._fit is None:
                self._native = None  # the next samples may look otherwise
            raise

    return cast(_Method, called)


class Sequential:
    """A network as a list of layers, with the interface that Keras users know.

    Parameters
    ----------
    layers : iterable of Layer, default=()
        In their order; `add` appends more. The last one is a `Dense`, which an `Activation` may
        follow.

    random_state : int, default=None
        Seeds the first weights (Glorot's uniform; biases are 0), the order of the samples and
        dropout. None: another stream each time.

    dtype : {"float32", "float64"}, default="float32"
        What the network computes in.

    n_threads : int, default=1
        That a fit or a prediction takes. Results do not depend on it.

    Attributes
    ----------
    history : History
        What the last fit came to.

    device : str
        What computes fits, evaluations and predictions: see `compile`. It may be set.

    stop_training : bool
        A callback sets it to True to end the fit.

    Examples
    --------
    >>> from skarma import nn
    >>> model = nn.Sequential([nn.Dense(32, "relu", input_shape=(784,)), nn.Dense(10, "softmax")])
    >>> print(model.summary())
    Layer            Output Shape  Param #
    dense_1 (Dense)  (None, 32)     25,120
    dense_2 (Dense)  (None, 10)        330
    Total params: 25,450
    Trainable params: 25,450
    """

    def __init__(
        self,
        layers: Iterable[Layer] = (),
        *,
        random_state: int | None = None,
        dtype: str = "float32",
        n_threads: int = 1,
    ) -> None:
        if dtype not in ("float32", "float64"):
            raise ValueError(f"dtype must be 'float32' or 'float64'. Got {dtype!r} instead.")
        if random_state is not None:
            _checks.whole("random_state", random_state, least=0, most=2**32 - 1)
        if isinstance(layers, Layer):
            raise TypeError(f"A list of layers is wanted. Got {layers!r} alone.")
        self._layers: list[Layer] = []
        self._natives: list[Any] = []  # of each layer
        self.random_state = random_state
        self.dtype = dtype
        self.n_threads = n_threads
        self.stop_training = False
        self.history = History()
        self._native: Any = None
        self._known: list[tuple[Any, bool]] = []  # which layers that has
        self._compiled: tuple[Optimizer, str] | None = None
        self._wants_accuracy = False
        self._device = "cpu"
        self._fit: RunningFit | None = None
        for layer in layers:
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers, in a list of their own: `add` and `pop` change the network."""
        return list(self._layers)

    @property
    def n_outputs(self) -> int:
        """Units of the last layer."""
        for layer in reversed(self._layers):
            if isinstance(layer, Dense):
                return layer.units
        raise ValueError("A Sequential needs a Dense layer to have outputs.")

    @property
    def n_threads(self) -> int:
        """That a fit or a prediction takes. It may be set."""
        return self._n_threads

    @n_threads.setter
    def n_threads(self, n_threads: int) -> None:
        self._n_threads = _checks.whole("n_threads", n_threads, most=_checks.INT_MAX)

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the bytes of a model file, once there are weights."""
        native = self._now() if self._native is not None else None
        state = {**self.__dict__, "_native": None, "_natives": [], "_known": [], "_fit": None}
        if native is not None and native.is_built:
            state["_bytes"] = native.to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make the native network anew."""
        content = state.pop("_bytes", None)
        self.__dict__.update(state)
        if content is not None:
            self._take(_native.Sequential.from_bytes(content))
        else:
            self._natives = [layer._native() for layer in self._layers]

    def _take(self, native: Any) -> None:
        """This native network, whose layers are those of this one."""
        self._native, self._natives = native, native.layers
        self._known = self._wanted()

    @classmethod
    def _of_native(cls, native: Any) -> Sequential:
        """What `skarma.load` makes of a model file."""
        model = cls(random_state=native.seed, dtype="float32" if native.is_float32 else "float64")
        model._layers = [layer_of(json.loads(layer.json())) for layer in native.layers]
        model._take(native)
        if native.is_compiled:
            model._compiled = optimizer_of(native.optimizer), native.loss
            model._wants_accuracy = native.counts_right
        model._device = native.device
        return model

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a model file with layers, weights and all that training goes on from.

        `skarma.load` reads it, and `nn::Sequential::load` in C++. `history` is not in it.

        Parameters
        ----------
        path : str or path-like
            The file; it appears whole or not at all.

        Examples
        --------
        >>> import tempfile, skarma
        >>> from skarma import nn
        >>> model = nn.Sequential([nn.Dense(2, "tanh", input_shape=(3,)), nn.Dense(1)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(folder + "/net.safetensors")
        ...     loaded = skarma.load(folder + "/net.safetensors")
        >>> bool((loaded.predict([[1, 2, 3]]) == model.predict([[1, 2, 3]])).all())
        True
        """
        native = self._now()
        if not native.is_built:
            raise RuntimeError(
                "This Sequential has no weights yet: give the first layer an input_shape, or call "
                "build."
            )
        _native.save_sequential(native, os.fspath(path))

    @property
    def loss(self) -> str | None:
        """That it is compiled with; None before."""
        return self._compiled[1] if self._compiled else None

    @property
    def device(self) -> str:
        """What computes fits, evaluations and predictions."""
        return self._device

    @device.setter
    def device(self, device: str) -> None:
        if not isinstance(device, str):
            raise ValueError(f"device must be a str. Got {device!r} instead.")
        self._idle()
        if self._layers:
            self._made().device = device
        self._device = device

    def add(self, layer: Layer) -> None:
        """Append a layer. The others keep their weights.

        Parameters
        ----------
        layer : Layer
            Reads what the layers before it make.
        """
        if not isinstance(layer, Layer):
            raise TypeError(f"A layer of skarma.nn is wanted. Got {layer!r} instead.")
        self._idle()
        native = layer._native()  # says what is wrong with it
        self._layers.append(layer)
        self._natives.append(native)

    def pop(self) -> Layer:
        """Take the last layer away. The others keep their weights.

        Added again, it draws its weights anew: `get_weights` has them before.

        Returns
        -------
        layer : Layer
            The one that was the last.

        Examples
        --------
        >>> from skarma import nn
        >>> model = nn.Sequential([nn.Dense(2, input_shape=(3,)), nn.Dense(10)])
        >>> kept = model.get_weights()[0]
        >>> model.pop()
        Dense(input_shape=None, units=10, activation='linear')
        >>> model.add(nn.Dense(5, "softmax"))
        >>> bool((model.get_weights()[0] == kept).all())
        True
        """
        if not self._layers:
            raise ValueError("There is no layer to take away.")
        self._idle()
        self._natives.pop()
        return self._layers.pop()

    def build(self, input_shape: Sequence[int]) -> None:
        """Say how samples look, once: nothing is changed where that is known.

        Parameters
        ----------
        input_shape : sequence of int
            (features,) or (height, width, channels).
        """
        model = self._made()
        if not model.is_built:
            model.build(_checks.shape(input_shape))

    def _idle(self) -> None:
        """Refuse what would change a network that is being fitted."""
        if self._fit is not None:
            raise RuntimeError("A network cannot be changed while it is being fitted.")

    def _now(self) -> Any:
        """The native network; in a callback a copy of it as it is now."""
        model, fit = self._made(), self._fit
        if fit is None or not fit.calls_here():
            return model
        return model.with_weights(fit.native.packed())

    def __copy__(self) -> Sequential:
        """One that shares nothing with this."""
        return deepcopy(self)

    def _wanted(self) -> list[tuple[Any, bool]]:
        """The native layers, and whether they are trained."""
        return [
            (native, bool(layer.trainable))
            for native, layer in zip(self._natives, self._layers, strict=True)
        ]

    def _made(self) -> Any:
        """The native network, which knows the layers so far."""
        wanted = self._wanted()
        if self._native is not None and (self._known == wanted or self._fit is not None):
            return self._native  # a layer that a callback freezes is so in the next fit
        layers = [native.that_is(trainable) for native, trainable in wanted]
        if self._native is None:
            self._native = _native.Sequential(layers, self.random_state, self.dtype == "float32")
            if self._compiled:
                optimizer, loss = self._compiled
                self._native.compile(optimizer._native(), loss, self._wants_accuracy)
            self._native.device = self._device
        else:
            self._native.set_layers(layers)
            if not self._native.is_compiled:
                self._compiled = None
        self._known = wanted
        return self._native

    def compile(
        self,
        optimizer: str | Optimizer = "rmsprop",
        loss: str = "categorical_crossentropy",
        metrics: Sequence[str] | str | None = (),
        *,
        device: str | None = None,
    ) -> None:
        """Say how the network is trained. The weights stay.

        Parameters
        ----------
        optimizer : str or Optimizer, default="rmsprop"
            "adam", "sgd" ..., with Keras's defaults, or an object: ``nn.Adam(learning_rate=0.01)``.

        loss : str, default="categorical_crossentropy"
            "categorical_crossentropy" (targets are 1 for the class and 0 for the others),
            "sparse_categorical_crossentropy" (targets are class numbers), "binary_crossentropy"
            (targets are 0 or 1), "mean_squared_error", "mean_absolute_error", "huber(1.5)",
            "log_cosh", "poisson", which are means over outputs; "quantile(0.1, 0.9)", an output for
            each level; or a loss of the estimators that goes with the last activation:
            "squared_error", "binary_focal" ...

        metrics : sequence of str, default=()
            ["accuracy"], or nothing.

        device : str, default=None
            What computes fits, evaluations and predictions: None is what it was, "cpu" of a new
            network. "cpu", a GPU ("cuda", "cuda:1"), or "auto", which takes a GPU where there is
            one and the network is large enough; for tests "cuda-host" and "reference". Where the
            device is not there, `fit` raises `DeviceError`, and predictions are the processor's.
        """
        self._idle()
        chosen = optimizer_called(optimizer)
        if not isinstance(loss, str):
            raise ValueError(f"loss must be a str. Got {loss!r} instead.")
        metrics = [metrics] if isinstance(metrics, str) else list(metrics or ())
        for metric in metrics:
            if metric not in _ACCURACIES:
                raise ValueError(f"metrics may have 'accuracy' alone. Got {metric!r} instead.")
        before, self.device = self._device, self._device if device is None else device
        try:
            self._made().compile(chosen._native(), loss, bool(metrics))
        except BaseException:
            self.device = before
            raise
        self._compiled = chosen, loss
        self._wants_accuracy = bool(metrics)

    def _samples(self, x: ArrayLike) -> NDArray[Any]:
        """As they are, once they have been looked at."""
        model = self._made()
        return _inputs.samples(x, tuple(model.input_shape) if model.is_built else None)

    def _rows(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Rows of numbers in the network's type."""
        self.build(samples.shape[1:])
        return np.ascontiguousarray(samples.reshape(len(samples), -1), dtype=self.dtype)

    def _targets(self, y: ArrayLike) -> NDArray[Any]:
        """Class numbers, or rows of numbers."""
        return _inputs.targets(y, self.loss, self._made().takes_codes)

    @_only_success_builds
    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        batch_size: int | None = 32,
        epochs: int = 1,
        verbose: int = 1,
        callbacks: Sequence[Callback] | Callback | None = (),
        validation_split: float = 0.0,
        validation_data: tuple[ArrayLike, ArrayLike] | None = None,
        shuffle: bool = True,
        sample_weight: ArrayLike | None = None,
        augment: Augment | Sequence[Augment] | None = None,
    ) -> History:
        """Train for so many epochs, from where the last fit ended.

        Parameters
        ----------
        x : array-like of shape (n_samples, n_features) or (n_samples, height, width, channels)
            The samples.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets, as the loss wants them.

        batch_size : int, default=32
            Samples of a step; None is 32.

        epochs : int, default=1
            How often all samples are seen.

        verbose : {0, 1, 2}, default=1
            0 prints nothing, others a line an epoch.

        callbacks : Callback or sequence of Callback, default=()
            They are called in their order.

        validation_split : float, default=0.0
            The share of the samples, the last ones before any shuffling, that are kept to measure
            each epoch.

        validation_data : pair of array-like, default=None
            Other samples and targets for that; they win over the split.

        shuffle : bool, default=True
            Whether each epoch has an order of its own.

        sample_weight : array-like of shape (n_samples,), default=None
            Of the losses of the samples.

        augment : Augmentation, callable or sequence of such, default=None
            What is done to copies of each minibatch's samples, one after another, anew in each
            epoch: ``[nn.RandomRotation(15), nn.RandomFlip("horizontal")]``. A function takes the
            minibatch, samples of their shape, and a `numpy.random.Generator`, and returns as many
            samples. Samples for validation stay as they are.

        Returns
        -------
        history : History
            ``history.history["val_accuracy"]`` is one figure an epoch.
        """
        self._idle()
        self._made()
        if self._compiled is None:
            raise RuntimeError("This Sequential is not compiled yet: call compile.")
        watchers = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or ())
        for callback in watchers:
            if not isinstance(callback, Callback):
                raise TypeError(f"A callback of skarma.nn is wanted. Got {callback!r} instead.")
        given: dict[str, Any] = {
            "batch_size": _checks.whole(
                "batch_size", 32 if batch_size is None else batch_size, most=_checks.INT_MAX
            ),
            "epochs": _checks.whole("epochs", epochs, most=_checks.INT_MAX),
            "shuffle": bool(shuffle),
            "n_threads": self.n_threads,
        }
        samples, targets = self._samples(x), self._targets(y)
        if len(samples) != len(targets):
            raise ValueError(f"There are {len(samples)} samples and {len(targets)} targets.")
        weights = _inputs.weights(sample_weight, len(samples))
        n, held_out = len(samples), None
        if validation_data is not None:
            _checks.samples_and_targets("validation_data", validation_data)
            held_out = self._samples(validation_data[0]), self._targets(validation_data[1])
        elif validation_split:
            n = _inputs.n_trained(n, validation_split)
            held_out = samples[n:], targets[n:]
        if weights is not None:
            given["sample_weight"] = weights[:n]
        augmentations = listed(augment)
        history = History()
        self.stop_training = False
        names = ["loss", "accuracy"] if self._wants_accuracy else ["loss"]
        if held_out is not None:
            names += [f"val_{name}" for name in names]
        self._fit = RunningFit(self, [history, *watchers], verbose, given["epochs"], names)
        given["callback"], given["batches"] = self._fit, self._fit.wants_batches
        try:
            rows = self._rows(samples[:n])
            if held_out is not None:
                given["validation"] = self._rows(held_out[0]), held_out[1]
            given["augment"] = native_augmentations(
                augmentations, self._made().input_shape, self.dtype
            )
            was_interrupted = self._made().fit(rows, targets[:n], given)
        finally:
            self._fit = None
            with ExitStack() as stack:  # all are closed, though one raises
                for callback in reversed(watchers):
                    stack.callback(callback.close)
        self.history = history
        if was_interrupted:
            raise KeyboardInterrupt
        return history

    def _running(self) -> Any:
        fit = self._fit
        if fit is None or not fit.calls_here():
            raise RuntimeError("That can be asked by a callback alone.")
        return fit.native

    @property
    def learning_rate(self) -> float:
        """Of the steps that come next: a callback may set it."""
        return float(self._running().learning_rate)

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        self._running().learning_rate = float(rate)

    def _figure_names(self) -> Sequence[str]:
        """Of the figures that a fit that runs may measure."""
        assert self._fit is not None
        return self._fit.names

    def _checkpoint(self) -> Any:
        return self._running().checkpoint()

    def _restore(self, kept: Any) -> None:
        self._running().restore(kept)

    @_only_success_builds
    def evaluate(self, x: ArrayLike, y: ArrayLike) -> float | list[float]:
        """Measure the network on samples.

        Parameters
        ----------
        x, y : array-like
            Samples and targets, as `fit` takes them.

        Returns
        -------
        figures : float or list of float
            The loss; with ``metrics=["accuracy"]`` loss and accuracy.
        """
        self._made()
        if self._compiled is None:
            raise RuntimeError("This Sequential is not compiled yet: call compile.")
        rows = self._rows(self._samples(x))
        loss, accuracy = self._now().evaluate(rows, self._targets(y), self.n_threads)
        is_measured = self._wants_accuracy and not math.isnan(accuracy)
        return [loss, accuracy] if is_measured else loss

    @_only_success_builds
    def predict(self, x: ArrayLike) -> NDArray[Any]:
        """Compute the outputs for samples.

        Parameters
        ----------
        x : array-like of shape (n_samples, n_features) or (n_samples, height, width, channels)
            The samples.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_outputs)
            Behind the last activation, in the network's type.
        """
        outputs = self._now().predict(self._rows(self._samples(x)), self.n_threads)
        return np.asarray(outputs, dtype=self.dtype)

    @_only_success_builds
    def features(self, x: ArrayLike, layer: int = -2) -> NDArray[Any]:
        """Compute what a layer makes of samples.

        Parameters
        ----------
        x : array-like of shape (n_samples, n_features) or (n_samples, height, width, channels)
            The samples.

        layer : int, default=-2
            Its number, from 0, or from -1 for the last one on.

        Returns
        -------
        features : ndarray of shape (n_samples, units) or (n_samples, height, width, channels)
            Behind the layer's own activation, in the network's type.

        Examples
        --------
        >>> from skarma import nn
        >>> model = nn.Sequential([nn.Dense(4, "relu", input_shape=(3,)), nn.Dense(1)])
        >>> model.features([[1, 2, 3], [4, 5, 6]]).shape
        (2, 4)
        """
        n = len(self._layers)
        if not n:
            raise ValueError("This Sequential has no layers.")
        try:
            number = operator.index(layer)
        except TypeError:
            number = n
        if not -n <= number < n:
            raise ValueError(f"layer must be an int from {-n} to {n - 1}. Got {layer!r} instead.")
        rows = self._rows(self._samples(x))
        model = self._now()
        values = model.features(rows, number % n, self.n_threads)
        shape = model.summary()[number % n][2]
        return np.asarray(values, dtype=self.dtype).reshape(len(rows), *shape)

    def summary(self) -> NetworkSummary:
        """Tell the layers, their shapes and how many parameters they have.

        Returns
        -------
        summary : NetworkSummary
            Printed, it is a table.
        """
        model = self._made()
        lines = [
            LayerLine(name, kind, (None, *shape), n) for name, kind, shape, n in model.summary()
        ]
        return NetworkSummary(lines, model.n_params, model.n_trainable_params)

    def count_params(self) -> int:
        """Count the parameters of all layers, moving statistics included."""
        return int(self._made().n_params)

    def get_weights(self) -> list[NDArray[Any]]:
        """Copy all weights.

        Returns
        -------
        weights : list of ndarray
            Layer by layer: coefs and intercepts; gamma, beta and the moving mean and variance.
            Coefs of `Conv2D` have the shape (rows, columns, channels, filters).
        """
        model = self._now()
        packed = model.weights().astype(self.dtype)
        return [
            packed[offset : offset + int(np.prod(shape))].reshape(shape)
            for _, _, offset, shape in model.weight_places()
        ]

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Put other weights in their place.

        Parameters
        ----------
        weights : sequence of array-like
            As `get_weights` returns them.
        """
        self._idle()
        model = self._made()
        places = model.weight_places()
        if len(weights) != len(places):
            raise ValueError(f"This network has {len(places)} arrays. Got {len(weights)} instead.")
        packed = model.weights()
        for (_, name, offset, shape), array in zip(places, weights, strict=True):
            values = np.asarray(array)
            if values.dtype.kind not in "buif":
                raise ValueError(f"Weights are numbers. Got an array of {values.dtype} instead.")
            if values.shape != tuple(shape):
                raise ValueError(
                    f"{name} of the shape {tuple(shape)} are wanted. Got {values.shape} instead."
                )
            packed[offset : offset + values.size] = values.ravel()
        model.set_weights(packed)
