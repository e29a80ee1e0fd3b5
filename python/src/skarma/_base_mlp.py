"""What both multi-layer perceptrons have in common: training, warnings, model files."""

from __future__ import annotations

import importlib.util
import numbers
import os
from collections.abc import Sequence
from functools import cache
from operator import attrgetter, is_
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from skarma import _native
from skarma._borrowed import IN_TRAINING, OF_BOTH, borrowing, overridden
from skarma._fit_extras import FitExtras
from skarma._foreign_arrays import on_host, samples_on_host
from skarma._history import History
from skarma._native_values import FLOATS, PLAIN, native_parameter, native_samples
from skarma._prediction import Prediction
from skarma._search_callbacks import FitEvents, are_told
from skarma._sklearn_networks import (
    FULL_BATCH_SOLVERS,
    NORMS,
    OUT_OF_DATE,
    SKLEARN_ACTIVATIONS,
    SKLEARN_SCHEDULES,
    SKLEARN_SOLVERS,
    NoNativeForm,
    OwnOptimizer,
    SklearnForm,
    arrays_of,
    native_of,
    norm_of,
    norms_of,
    optimizer_of,
    own_parameter,
)
from skarma._sklearn_private import _check_sample_weight, validate_parameter_constraints
from skarma._summary import Summary
from skarma._typed_sklearn import available_if, fit_context
from skarma._warnings import BATCH_IS_CLIPPED, warn_as_networks_do

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from skarma._types import Callbacks, Samples

_UNKNOWN = object()
_NONE = (None,) * 4
#: Of a fit that is given nothing but samples.
NO_EXTRAS = FitExtras()
NO_MORE: dict[str, Any] = {}
#: Parameters that a native network is not made of: they are given to each fit.
OF_A_FIT = ("random_state", "verbose")
#: For each class the last native network that was made, and of what. Not in the class, which
#: programs of several processes send to the others, whole if it is their own.
_LAST_UNTRAINED: WeakKeyDictionary[type, Any] = WeakKeyDictionary()


@cache
def _callback_api() -> bool:
    return importlib.util.find_spec("sklearn.callback") is not None


def _has_callback_api(estimator: Any) -> bool:
    """Whether this scikit-learn has callbacks: from 1.9 on."""
    return _callback_api()


_CLONED_BESIDE_PARAMETERS = {"_metadata_request", "_skl_callbacks", "_sklearn_output_config"}


def _sklearn_losses() -> Any:
    from skarma._sklearn_private import LOSS_FUNCTIONS

    return LOSS_FUNCTIONS


_IMMUTABLE = frozenset((str, int, float, bool, type(None)))


def _is_immutable(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(item, (numbers.Integral, str)) for item in value)
    return type(value) in _IMMUTABLE or isinstance(value, (str, int, float))


def _is_empty(layers: Any) -> bool:
    return type(layers) is tuple and not layers


@borrowing("BaseMultilayerPerceptron", (*OF_BOTH, "_check_solver"))
class BaseMLP(Prediction, SklearnForm, BaseEstimator):
    """What the classifier and the regressor have in common."""

    if TYPE_CHECKING:  # what a fit leaves behind
        coefs_: list[NDArray[Any]]
        intercepts_: list[NDArray[Any]]
        batch_norms_: list[NDArray[Any]]
        layer_norms_: list[NDArray[Any]]
        loss_: float
        best_loss_: float | None
        loss_curve_: list[float]
        validation_scores_: list[float] | None
        validation_loss_curve_: list[float]
        best_validation_score_: float | None
        t_: int
        n_iter_: int
        n_layers_: int
        n_outputs_: int
        n_features_in_: int
        feature_names_in_: NDArray[Any]
        out_activation_: str
        device_: str

    # ---- parameters

    @classmethod
    @cache
    def _get_param_names(cls) -> Any:
        # scikit-learn reads the signature anew for every get_params and clone.
        return super()._get_param_names()

    def __sklearn_clone__(self) -> Any:
        # A search clones for each candidate. What is immutable need not be copied, nor what our own
        # __init__ keeps be compared.
        ours = type(self).__init__.__module__.startswith(f"{__package__}.")
        parameters = self.get_params(deep=False)
        if (
            ours
            and all(map(_is_immutable, parameters.values()))
            and not _CLONED_BESIDE_PARAMETERS & vars(self).keys()
        ):
            return type(self)(**parameters)
        return super().__sklearn_clone__()

    @classmethod
    @cache
    def _values_of(cls, names: Sequence[str]) -> Any:
        """A function that takes these attributes of an estimator, as a tuple."""
        return attrgetter(*names)

    @classmethod
    @cache
    def _constraint_names(cls) -> Any:
        return tuple(cls._parameter_constraints)

    def _validate_params(self) -> None:
        # The very objects that were found right the last time are right. They are immutable.
        names = self._constraint_names()
        known = type(self).__dict__.get("_valid_values", (_UNKNOWN,) * len(names))
        if not _native.holds(self.__dict__, names, known):
            values = self._values_of(names)(self)
            new = {n: v for n, v, k in zip(names, values, known, strict=True) if v is not k}
            constraints = {name: self._parameter_constraints[name] for name in new}
            validate_parameter_constraints(constraints, new, caller_name=type(self).__name__)
            type(self)._valid_values = tuple(v if _is_immutable(v) else _UNKNOWN for v in values)
        # Lists have to fit hidden_layer_sizes.
        if not isinstance(self.activation, str) or not _is_empty(self.freeze):
            self._native_class(self._native_parameters()).validate()

    def _validate_device(self) -> None:
        constraints = {"device": self._parameter_constraints["device"]}
        validate_parameter_constraints(
            constraints, {"device": self.device}, caller_name=type(self).__name__
        )

    def set_params(self, **params: Any) -> Self:
        """Set parameters.

        Parameters
        ----------
        **params : dict
            Parameters by their names.

        Returns
        -------
        self : object
            The network.
        """
        names = self._get_param_names()
        if not all(name in names for name in params):
            return super().set_params(**params)
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def _keep(self, arguments: dict[str, Any]) -> None:
        """Keep the arguments of `__init__`, as it was given them, under their names."""
        for name in (*self._native_names, *OF_A_FIT):
            setattr(self, name, arguments[name])

    def _native_parameters(self) -> Any:
        names = self._native_names
        parameters = {
            name: value if type(value) in PLAIN else native_parameter(name, value)
            for name, value in zip(names, self._values_of(names)(self), strict=True)
        }
        if type(self.hidden_layer_sizes) in PLAIN:
            parameters["hidden_layer_sizes"] = native_parameter(
                "hidden_layer_sizes", self.hidden_layer_sizes
            )
        return parameters

    def _untrained(self) -> Any:
        """A native network with these parameters, which nothing else holds."""
        # That of the very objects that the last one was made of is the same. They are immutable.
        names = self._native_names
        known, model = _LAST_UNTRAINED.get(type(self), ((), None))
        if not _native.holds(self.__dict__, names, known):
            model = self._native_class(self._native_parameters())
            values = self._values_of(names)(self)
            known = tuple(v if _is_immutable(v) else _UNKNOWN for v in values)
            _LAST_UNTRAINED[type(self)] = known, model
        return model.copy()

    def __setstate__(self, state: Any) -> None:
        model = state.get("_model") if isinstance(state, dict) else None
        if model is not None and not isinstance(model, self._native_class):
            raise ValueError(
                f"This is the state of {type(model).__name__}, not of "
                f"{self._native_class.__name__}."
            )
        super().__setstate__(state)

    # ---- callbacks of scikit-learn's

    @available_if(_has_callback_api)
    def set_callbacks(self, *callbacks: Any) -> Self:
        """Set callbacks of scikit-learn's, which `fit` tells of each epoch.

        Parameters
        ----------
        *callbacks : callback instances
            Such as `sklearn.callback.ProgressBar` and `ScoringMonitor`; none takes away those that
            there are. (The package's own are in `skarma.callbacks`, and given to `fit`.)

        Returns
        -------
        self : object
            The network.
        """
        from sklearn.callback import CallbackSupportMixin

        return CallbackSupportMixin.set_callbacks(self, *callbacks)

    def _init_callback_context(self, *args: Any, **kwargs: Any) -> Any:
        from sklearn.callback import CallbackSupportMixin

        return CallbackSupportMixin._init_callback_context(self, *args, **kwargs)

    # ---- training

    def _train(
        self, X: Any, y: Any, sample_weight: Any, incremental: bool, extras: FitExtras = NO_EXTRAS
    ) -> Self:
        if self.device != "cpu":
            _native.require_device(self.device)
        X, y, sample_weight = samples_on_host(X, y, sample_weight)
        first_pass = not hasattr(self, "coefs_") or (not self.warm_start and not incremental)
        before, is_native = None, not overridden(self, IN_TRAINING)
        if is_native and not first_pass:
            try:
                before = self._current_model()
            except NoNativeForm:
                is_native = False
        if not is_native:
            return self._train_as_sklearn(X, y, sample_weight, incremental, extras)
        model = self._untrained() if before is None else self._changed(before)
        if first_pass and not incremental and self._take_plain(X, y):
            self._note_plain_features(X)
        else:
            X, y = self._checked_input(X, y, incremental, reset=first_pass)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
            sample_weight = np.ascontiguousarray(sample_weight, dtype=np.float64)
        if self.early_stopping and incremental and self.solver not in FULL_BATCH_SOLVERS:
            raise ValueError("partial_fit does not support early_stopping=True")
        more = NO_MORE
        events = None if incremental or not are_told(self) else FitEvents(self, X, y, sample_weight)
        if extras is not NO_EXTRAS or events or hasattr(self.validation_fraction, "split"):
            more = extras.native(self, X, y, [events] if events else [])
        X = native_samples(X)
        self._warn_of_batch_size(X.shape[0], more)

        seed = self.random_state
        draws = int(seed) if isinstance(seed, numbers.Integral) else check_random_state(seed)
        arguments = (X, self._target(y))
        if incremental:
            train = model.partial_fit
            arguments += self._classes_argument()
        else:
            train = model.fit
        names = list(getattr(self, "feature_names_in_", []))
        interrupted = train(*arguments, sample_weight, names, draws, self._observer(), more)
        if interrupted and self.solver == "lbfgs":
            raise KeyboardInterrupt
        self._model = model
        for name in OUT_OF_DATE:
            self.__dict__.pop(name, None)
        self._take_results()
        if events:
            events.end()
        self._report(interrupted)
        return self

    def _clips_batches(self, n_samples: int, more: Any = NO_MORE) -> bool:
        """Whether one batch would have more rows than there are."""
        if self.solver in FULL_BATCH_SOLVERS or self.batch_size == "auto":
            return False
        if "holdout" in more:
            n_samples = len(more["holdout"][0])
        elif self.early_stopping and "validation" not in more:
            n_samples -= int(np.ceil(self.validation_fraction * n_samples))
        return self.batch_size > n_samples

    def _warn_of_batch_size(self, n_samples: int, more: Any) -> None:
        if self._clips_batches(n_samples, more):
            warn_as_networks_do(BATCH_IS_CLIPPED)

    def _changed(self, model: Any) -> Any:
        """A copy with the parameters of now, so that an error leaves everything as it was."""
        model = model.copy()
        model.set(self._native_parameters())
        return model

    def _train_as_sklearn(
        self, X: Any, y: Any, sample_weight: Any, incremental: bool, extras: FitExtras
    ) -> Self:
        """Train by scikit-learn's own code, of which a subclass may have changed parts."""
        if own := extras.own() or self._own_control():
            raise ValueError(
                f"{own} is skarma's own: scikit-learn's code, which trains networks with "
                "overridden methods or weights of their own making, does not have it."
            )
        for name, theirs in (
            ("loss", _sklearn_losses()),
            ("solver", SKLEARN_SOLVERS),
            ("activation", SKLEARN_ACTIVATIONS),
            ("learning_rate", SKLEARN_SCHEDULES),
        ):
            if getattr(self, name) not in theirs:
                raise ValueError(
                    f"{name}={getattr(self, name)!r} is skarma's own: scikit-learn's code, which "
                    "trains networks with overridden methods or weights of their own making, does "
                    "not have it."
                )
        if self.device.startswith("cuda"):
            raise ValueError(
                f"device={self.device!r} is skarma's own: scikit-learn's code, which trains "
                "networks with overridden methods or weights of their own making, does not have it."
            )
        if own := own_parameter(self, in_training=True):
            raise ValueError(
                f"{own} is skarma's own: scikit-learn's code, which trains networks with "
                "overridden methods or weights of their own making, does not have it."
            )
        self._keep_optimizer()
        if isinstance(self.__dict__.get("_optimizer"), OwnOptimizer):
            del self._optimizer
        if hasattr(self, "coefs_") and not hasattr(self, "_best_coefs"):
            self._best_coefs, self._best_intercepts = self.coefs_, self.intercepts_
        if self.dtype is not None:
            X = X.astype(self.dtype) if hasattr(X, "astype") else np.asarray(X, self.dtype)
        self._fit(X, y, sample_weight=sample_weight, incremental=incremental)
        self.device_ = "cpu"
        self.__dict__.pop("_model", None)
        return self

    def _own_control(self) -> Any:
        """What scikit-learn's code would not heed, or None."""
        if self.early_stopping and hasattr(self.validation_fraction, "split"):
            return "a splitter as validation_fraction"
        if self.early_stopping and self.early_stopping_metric is not None:
            return f"early_stopping_metric={self.early_stopping_metric!r}"
        if not _is_empty(self.freeze):
            return f"freeze={self.freeze!r}"
        if self.n_init != 1:
            return f"n_init={self.n_init!r}"
        if self.n_members != 1:
            return f"n_members={self.n_members!r}"
        return "keep_optimizer=True" if self.warm_start and self.keep_optimizer else None

    def _note_plain_features(self, X: Any) -> None:
        """What scikit-learn's validation notes of an array: features without names."""
        self.n_features_in_ = X.shape[1]
        self.__dict__.pop("feature_names_in_", None)

    def _current_model(self) -> Any:
        """The native model of what the attributes say now: they are the truth.

        Raises NoNativeForm where only scikit-learn's own code can make sense of them.
        """
        own = self.__dict__
        model = own.get("_model")
        if model is not None:
            form = self.activation, own.get("out_activation_"), own.get("n_layers_")
            norms = own.get("batch_norms_", own.get("layer_norms_"))
            if model.consists_of(self.coefs_, self.intercepts_, norms, *form, self.device):
                return model
            if model.n_members > 1:
                return self._current_ensemble(model)
            if model.device != self.device:
                self._validate_device()
            if model.has_form(*form) and self._has_shapes_of(model) and self._has_types_of(model):
                model = model.copy()
                model.set_packed_parameters(self._packed())
                model.set({"device": self.device})
                self._model = model
                return model
        self._keep_optimizer()
        self._model = native_of(self, self._native_class)
        return self._model

    def _current_ensemble(self, model: Any) -> Any:
        """The native model of several networks, of which the attributes say the first one."""
        form = self.activation, self.out_activation_, self.n_layers_
        norms = self.__dict__.get(NORMS.get(norm_of(self), ""))
        if not model.consists_of(self.coefs_, self.intercepts_, norms, *form, model.device):
            raise ValueError(
                f"This {type(self).__name__} has {model.n_members} members, whose weights cannot "
                "be changed here. Those of each of members_ can."
            )
        if model.device != self.device:
            self._validate_device()
            model = self._model = model.copy()
            model.set({"device": self.device})
        return model

    @property
    def members_(self) -> list[Self]:
        """The networks whose outputs are averaged, each a fitted estimator of its own."""
        if "coefs_" not in self.__dict__:
            raise AttributeError(f"This {type(self).__name__} has no members_: it is not fitted.")
        model = self._native_network()
        return [self._of_native(model.member(i)) for i in range(model.n_members)]

    def _native_optimizer(self) -> Any:
        """The native model's optimizer as scikit-learn's (or ours), if it fits the weights."""
        model = self.__dict__.get("_model")
        if model is None or "_optimizer" in vars(self) or not self._has_shapes_of(model):
            return None
        return optimizer_of(model, self)

    def _keep_optimizer(self) -> None:
        """Put the optimiser's state among the attributes, before the native model goes."""
        optimizer = self._native_optimizer()
        if optimizer is not None:
            self._optimizer = optimizer

    def _weights(self) -> Any:
        return arrays_of("coefs_", self.coefs_) + arrays_of("intercepts_", self.intercepts_)

    def _packed(self) -> Any:
        """All weights, then all biases, as the caller may have changed them; then what
        normalisation trains, and moving statistics.
        """
        norms = norms_of(self)
        arrays = [*self._weights(), *(a[:2] for a in norms), *(a[2:] for a in norms)]
        return np.concatenate([array.ravel() for array in arrays]).astype(np.float64)

    def _has_shapes_of(self, model: Any) -> bool:
        own = (*self._weights(), *norms_of(self))
        native = (*model.coefs(), *model.intercepts(), *model.norms())
        return [array.shape for array in own] == [array.shape for array in native]

    def _has_types_of(self, model: Any) -> bool:
        own = {array.dtype for array in self._weights()}
        return own == {np.dtype(np.float32 if model.is_float32 else np.float64)}

    def _observer(self) -> Any:
        if not self.verbose or self.solver == "lbfgs":
            return None

        def report(n_iter: int, loss: Any, score: Any, lowered_rate: Any) -> None:
            print(f"Iteration {n_iter}, loss = {loss:.8f}")
            if score is not None:
                print(f"Validation score: {score:f}")
            if lowered_rate is not None:
                print(f"{self._stall_text()} Setting learning rate to {lowered_rate:f}")

        return report

    def _stall_text(self) -> str:
        """What scikit-learn says when training no longer improves."""
        what = "Validation score" if self.early_stopping else "Training loss"
        return (
            f"{what} did not improve more than tol={self.tol:f} for "
            f"{self.n_iter_no_change} consecutive epochs."
        )

    def _take_results(self) -> None:
        for name in (*NORMS.values(), "validation_loss_curve_"):
            self.__dict__.pop(name, None)
        self.__dict__.update(self._model.results())
        if self.solver not in FULL_BATCH_SOLVERS:
            self.loss_curve_ = self._losses()

    @property
    def history_(self) -> History:
        """What the fits that went on from each other came to, epoch by epoch."""
        model = self.__dict__.get("_model")
        if model is not None:
            return History(model.history())
        if "loss_curve_" in self.__dict__:
            return History.of_attributes(self)
        raise AttributeError(f"This {type(self).__name__} has no history_: it is not fitted.")

    def _losses(self) -> Any:
        """The list of all losses; the one there is, longer, where training went on."""
        model, losses = self._model, self.__dict__.get("loss_curve_")
        if type(losses) is list and 0 < len(losses) == model.n_losses - model.n_iter:
            losses.extend(model.losses(len(losses)))
            return losses
        return model.losses(0)

    def _report(self, interrupted: bool) -> None:
        """Say how training ended, as scikit-learn does."""
        model = self._model
        if interrupted:
            warn_as_networks_do("Training interrupted by user.")
        elif model.fit_warning:
            warn_as_networks_do(model.fit_warning, ConvergenceWarning)
        elif self.solver in FULL_BATCH_SOLVERS:
            return
        elif self.verbose and model.stop_reason == "converged":
            too_small = self.solver == "sgd" and self.learning_rate == "adaptive"
            reason = " Learning rate too small." if too_small else ""
            print(f"{self._stall_text()}{reason} Stopping.")

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Samples,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Samples | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
        callbacks: Callbacks | None = None,
    ) -> Self:
        """Fit the model to data matrix X and target(s) y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples; float32 is trained in float32, everything else in float64. Arrays of other
            libraries (PyTorch, CuPy, JAX and all that speak DLPack) are brought to NumPy here and
            in all methods, bfloat16 as float32.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels, or real numbers for a regressor.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        X_val : {array-like, sparse matrix} of shape (n_validation_samples, n_features), \
default=None
            Samples that are scored after each epoch and not learnt from (`history_`,
            `validation_scores_`, `validation_loss_curve_`). With `early_stopping`, they decide in
            the place of a part of X, all of which is learnt from.

        y_val : array-like of shape (n_validation_samples,) or (n_validation_samples, n_outputs), \
default=None
            Their targets, of classes that y has.

        sample_weight_val : array-like of shape (n_validation_samples,), default=None
            Their weights.

        callbacks : list of skarma.callbacks.Callback or callable, default=None
            What watches and steers the fit; functions are called after each epoch.

        Returns
        -------
        self : object
            The fitted model.
        """
        extras = NO_EXTRAS
        if not all(map(is_, (X_val, y_val, sample_weight_val, callbacks), _NONE)):
            extras = FitExtras(
                X_val=X_val,
                y_val=y_val,
                sample_weight_val=sample_weight_val,
                callbacks=callbacks,
            )
        return self._train(X, y, sample_weight, False, extras)

    # ---- what is inside

    def summary(self) -> Summary:
        """List layers, shapes and counts of parameters.

        Returns
        -------
        summary : Summary
            Printed, it is a table; `layers`, `n_parameters`, `n_trained` and `to_frame()` are for
            programs.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        """
        return Summary(*self._native_network().summary())

    def _native_network(self) -> Any:
        """The native network of the attributes as they are. Raises ValueError where none can be."""
        check_is_fitted(self)
        try:
            return self._current_model()
        except NoNativeForm as reason:
            raise ValueError(f"This network has no native form: {reason}.") from None

    def _checked_samples(self, X: Any) -> Any:
        X = on_host(X, "X")
        X = validate_data(self, X, accept_sparse=["csr", "csc"], dtype=FLOATS, reset=False)
        return native_samples(X)

    def input_gradient(self, X: Samples, y: ArrayLike) -> NDArray[Any]:
        """Take the derivative of each sample's loss by its features.

        It says where to go for a higher loss (adversarial samples) and which features the loss
        hangs on. The network is as it predicts; the loss has no penalty and no weights.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their targets.

        Returns
        -------
        gradient : ndarray of shape (n_samples, n_features)
            Row i is the derivative of sample i's loss.
        """
        network = self._native_network()
        X = self._checked_samples(X)
        y = on_host(y, "y")
        y = self._checked_validation_target(y if hasattr(y, "shape") else np.asarray(y))
        check_consistent_length(X, y)
        return network.input_gradient(X, self._target(y))

    def _integrated(self, X: Any, which: Any, baseline: Any, n_steps: Any) -> Any:
        network = self._native_network()
        X = self._checked_samples(X)
        if isinstance(n_steps, bool) or not isinstance(n_steps, numbers.Integral) or n_steps < 1:
            raise ValueError(f"n_steps must be an int of at least 1. Got {n_steps!r} instead.")
        start = np.zeros(0) if baseline is None else np.asarray(baseline, dtype=np.float64).ravel()
        if not np.isfinite(start).all():
            raise ValueError("baseline must be finite.")
        if start.size == 1:
            start = np.full(X.shape[1], start[0])
        return network.integrated_gradients(X, which(X), start, int(n_steps))

    # ---- model files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a model file.

        The file is the same from C++, the command line and Python (see `skarma.load`).

        Parameters
        ----------
        path : str or path-like
            The file; it appears whole or not at all.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        ValueError
            If the labels are neither numbers nor strings.
        OSError
            If the file cannot be written (see `skarma.save`).
        """
        _native.save_model([], "", self._model_to_save(), [], os.fspath(path))

    def _model_to_save(self) -> Any:
        check_is_fitted(self)
        try:
            model = self._current_model().copy()
        except NoNativeForm as reason:
            raise ValueError(f"A model file cannot hold this network: {reason}.") from None
        labels = getattr(self, "classes_", None)
        if labels is not None and labels.dtype.kind not in "iufU":
            raise ValueError(f"A model file cannot hold labels of type {labels.dtype}.")
        if labels is not None and labels.dtype == np.uint64 and labels.max() >= 2**63:
            raise ValueError("A model file cannot hold labels of 2**63 and more.")
        parameters = self._native_parameters()
        seed = self.random_state
        parameters["random_state"] = int(seed) if isinstance(seed, numbers.Integral) else None
        model.set(parameters)
        return model

    @classmethod
    def _of_native(cls, model: Any) -> Self:
        """The fitted estimator around a native one."""
        parameters = model.parameters()
        parameters["verbose"] = parameters["verbose"] or False
        self = cls(**parameters)
        self._model = model
        self.n_features_in_ = model.n_features_in
        if model.feature_names_in:
            self.feature_names_in_ = np.array(model.feature_names_in, dtype=object)
        self._take_native_labels()
        self._take_results()
        return self

    def _take_native_labels(self) -> None:
        """What a classifier has beside."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
