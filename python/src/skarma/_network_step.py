"""The network that the native library fits: the last step of a pipeline, or the estimator."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.utils import check_array, check_random_state, column_or_1d
from sklearn.utils.multiclass import type_of_target

from skarma._borrowed import IN_TRAINING, overridden
from skarma._fallback import FallbackReason as Why
from skarma._fallback import NotNative, require
from skarma._mlp import MLPClassifier, MLPRegressor
from skarma._native_values import native_parameter, native_samples, plain
from skarma._parameters import INITIAL_WEIGHTS
from skarma._sklearn_private import _check_feature_names, _check_n_features


def state_of(random_state: Any) -> Any:
    """The state of the generator that scikit-learn would draw from."""
    generator = check_random_state(random_state)
    kind = generator.get_state(legacy=False)["bit_generator"]
    require(kind == "MT19937", Why.RANDOM_STATE, f"the random state draws from {kind}")
    return generator.get_state()


def native_value(name: str, value: Any) -> Any:
    value = plain(value)
    require(
        value is None or isinstance(value, (numbers.Real, str, list)),
        Why.CANDIDATE,
        f"the value {value!r} of {name} has no native form",
    )
    return value


def samples_of(X: Any) -> Any:
    """The samples as every fit would take them."""
    kind = getattr(getattr(X, "dtype", None), "kind", None)
    if isinstance(X, (list, tuple)):
        kind = np.asarray(X).dtype.kind
    require(kind not in ("U", "S"), Why.SAMPLES, "X is text, which predictions do not take")
    try:
        X = check_array(X, accept_sparse=("csr", "csc"), dtype=(np.float64, np.float32))
    except (ValueError, TypeError) as error:
        raise NotNative(Why.SAMPLES, f"X is not an array of finite numbers: {error}") from None
    return native_samples(X)


def labels_of(y: Any) -> Any:
    """The labels as an array that the library has a form for: objects may be strings alone."""
    if y.dtype.kind == "O" and all(isinstance(label, str) for label in y.ravel()):
        y = y.astype(str)
    require(y.dtype.kind in "biufU", Why.TARGETS, f"labels are of type {y.dtype}")
    is_large = y.dtype == np.uint64 and y.max(initial=0) >= 2**63
    require(not is_large, Why.TARGETS, "a label is too large")
    return y


def numbers_of(y: Any) -> Any:
    """Targets of a regression."""
    y = y.astype(np.float64) if y.dtype.kind == "O" else y
    require(y.dtype.kind in "fiu", Why.TARGETS, f"y is of type {y.dtype}")
    require(np.isfinite(y).all(), Why.TARGETS, "y has NaN or infinities")
    return y


class NetworkStep:
    """`MLPClassifier` or `MLPRegressor`.

    Parameters
    ----------
    estimator : object
        The network.
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    @property
    def random_state(self) -> Any:
        """What its fits draw from, as scikit-learn has it."""
        return self.estimator.random_state

    def require_native(self) -> None:
        """Raise NotNative where the library cannot do what scikit-learn's path would."""
        changed = overridden(self.estimator, IN_TRAINING)
        names = ", ".join(changed)
        require(not changed, Why.CHANGED_METHOD, f"{names} of the network has been changed")
        require(not self.estimator.verbose, Why.VERBOSE_ESTIMATOR, "the network is verbose")
        splits = hasattr(self.estimator.validation_fraction, "split")
        require(not splits, Why.ESTIMATOR, "validation_fraction is a splitter")

    def validate(self) -> None:
        """Raise scikit-learn's error for parameters that are wrong."""
        self.estimator._validate_params()

    def prototype(self, X: Any) -> Any:
        """The native network, with the random state that every fit to samples of X starts from."""
        native = self.estimator._native_class(self.estimator._native_parameters())
        if self.random_state is not None:
            native.set_random_state(state_of(self.random_state))
        return native

    def has(self, parameter: str) -> bool:
        """Whether candidates may set it."""
        are_arrays = parameter in INITIAL_WEIGHTS
        require(not are_arrays, Why.CANDIDATE, f"candidates set {parameter}: lists of arrays")
        return parameter in self.estimator._parameter_constraints

    def native_values(self, parameters: dict[str, Any], prototype: Any) -> dict[str, Any]:
        """Parameters of a candidate, which are set already, as the native search takes them."""
        return {
            name: native_value(name, native_parameter(name, value))
            for name, value in parameters.items()
        }

    def samples(self, X: Any) -> Any:
        """The samples as every fit would take them."""
        return samples_of(X)

    def targets(self, y: Any) -> Any:
        """The targets as the network would encode them."""
        return self.encoder(y)(slice(None))

    def encoder(self, y: Any) -> Callable[[Any], Any]:
        """What gives the targets of some rows, as the network would encode them among all."""
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y)
        encoder = clone(self.estimator)
        if not is_classifier(encoder):
            numbers = numbers_of(y)
            return lambda rows: encoder._target(numbers[rows])
        y = labels_of(y)
        kind = type_of_target(y)
        known = kind in ("binary", "multiclass", "multilabel-indicator")
        require(known, Why.TARGETS, f"y is {kind}")
        encoder._learn_labels(y)
        return lambda rows: encoder._target(y[rows])

    def see(self, X: Any) -> None:
        """Know the features of samples that it is fitted to."""
        _check_feature_names(self.estimator, X, reset=True)
        _check_n_features(self.estimator, X, reset=True)

    def take(self, native: Any, y: Any) -> None:
        """Become what a fit with these targets has left.

        Parameters
        ----------
        native : object
            The native network.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets of the fit.
        """
        mlp = self.estimator
        if is_classifier(mlp):
            mlp._learn_labels(np.asarray(y))
        mlp._model = native
        mlp._take_results()


def network_step(estimator: Any) -> Any:
    """The step of a network that the library knows. Raises NotNative for others."""
    if type(estimator) in (MLPClassifier, MLPRegressor):
        return NetworkStep(estimator)
    if type(estimator).__module__.startswith("skarma.nn."):  # which takes its time to import
        from skarma.nn._built_step import built_step

        return built_step(estimator)
    name = type(estimator).__name__
    raise NotNative(Why.ESTIMATOR, f"{name} is not exactly skarma's MLPClassifier or MLPRegressor")
