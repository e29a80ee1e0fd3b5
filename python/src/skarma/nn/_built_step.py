"""Networks of `skarma.nn` in native searches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from skarma import _native
from skarma._fallback import FallbackReason as Why
from skarma._fallback import NotNative, require
from skarma._network_step import NetworkStep, labels_of, numbers_of, samples_of
from skarma.nn import _checks
from skarma.nn.callbacks import History
from skarma.nn.estimators import Classifier, Regressor
from skarma.nn.sequential import Sequential


class BuiltStep(NetworkStep):
    """`nn.Classifier` or `nn.Regressor`: what a function builds.

    The function is called once for each candidate, and each fit trains a copy of what it built.
    """

    def __init__(self, estimator: Any) -> None:
        super().__init__(estimator)
        self._model: Sequential | None = None

    @property
    def random_state(self) -> Any:
        return self._built().random_state

    def _built(self) -> Sequential:
        """What the function builds, once."""
        if self._model is not None:
            return self._model
        try:
            model: Sequential = self.estimator._built()
            model._made()
        except Exception as error:  # of the user's function: its fits say so
            raise NotNative(Why.REFUSED, f"no network is built: {error}") from None
        seeded = model.random_state is not None
        require(seeded, Why.RANDOM_STATE, "a network of skarma.nn has no random_state")
        self._model = model
        return model

    def require_native(self) -> None:
        estimator = self.estimator
        require(not estimator.verbose, Why.VERBOSE_ESTIMATOR, "the network is verbose")
        require(estimator.augment is None, Why.ESTIMATOR, "the network's samples are augmented")

    def validate(self) -> None:
        _checks.whole("epochs", self.estimator.epochs, most=_checks.INT_MAX)
        _checks.whole("batch_size", self.estimator.batch_size, most=_checks.INT_MAX)

    def prototype(self, X: Any) -> Any:
        shape = np.shape(X)[1:]
        model = self._built()
        native = _native.BuiltNetworks(
            is_classifier=is_classifier(self.estimator),
            epochs=self.estimator.epochs,
            batch_size=self.estimator.batch_size,
            device=model.device,
            image_shape=shape if len(shape) > 1 else (),
        )
        native.add(model._made())
        return native

    def has(self, parameter: str) -> bool:
        require(
            parameter != "epochs",
            Why.EPOCHS,
            "candidates set epochs, and those that differ in epochs alone share a training",
        )
        return parameter in self.estimator.get_params(deep=False)

    def native_values(self, parameters: dict[str, Any], prototype: Any) -> dict[str, Any]:
        if not parameters:
            return {}
        model = self._built()
        return {
            "network": prototype.add(model._made()),
            "batch_size": self.estimator.batch_size,
            "device": model.device,
        }

    def samples(self, X: Any) -> Any:
        if np.ndim(X) > 2:
            X = np.asarray(X)
            X = X.reshape(len(X), -1)
        samples = samples_of(X)
        require(not hasattr(samples, "tocsr"), Why.SAMPLES, "X is sparse")
        return samples

    def encoder(self, y: Any) -> Callable[[Any], Any]:
        y = np.asarray(y)
        if is_classifier(self.estimator):
            require(y.ndim == 1, Why.TARGETS, f"y has the shape {y.shape}")
            labels = labels_of(y)
            is_finite = labels.dtype.kind != "f" or bool(np.isfinite(labels).all())
            require(is_finite, Why.TARGETS, "y has NaN or infinities")
            classes, codes = np.unique(labels, return_inverse=True)
            return lambda rows: _native.Target.labels(classes, codes[rows])
        y = numbers_of(y)
        require(y.ndim in (1, 2), Why.TARGETS, f"y has the shape {y.shape}")
        numbers = y.astype(np.float64)
        return lambda rows: _native.Target.numbers(np.ascontiguousarray(numbers[rows]))

    def see(self, X: Any) -> None:
        self.estimator._see(X)

    def take(self, native: Any, y: Any) -> None:
        model = self.estimator._built()
        model._take(native)
        model.history = History()
        model.history.history = native.history()
        model.history.epoch = list(range(len(model.history.history["loss"])))
        self.estimator._take(model)
        if is_classifier(self.estimator):
            self.estimator.classes_ = np.unique(np.asarray(y))


def built_step(estimator: Any) -> NetworkStep:
    """The step of such a network. Raises NotNative for others."""
    name = type(estimator).__name__
    exactly = type(estimator) in (Classifier, Regressor)
    require(exactly, Why.ESTIMATOR, f"{name} is not exactly skarma's Classifier or Regressor")
    return BuiltStep(estimator)
