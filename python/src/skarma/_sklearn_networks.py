"""Between a native network and the attributes that scikit-learn's estimators have."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Self

import numpy as np

from skarma import _native
from skarma._model_state import packed, unpacked
from skarma._parameters import INITIAL_WEIGHTS
from skarma._typed_sklearn import Mixin

#: What fit leaves behind in scikit-learn's estimators, and in ours.
FITTED = (
    "n_features_in_",
    "feature_names_in_",
    "classes_",
    "coefs_",
    "intercepts_",
    "n_layers_",
    "n_outputs_",
    "out_activation_",
    "n_iter_",
    "t_",
    "loss_",
    "loss_curve_",
    "best_loss_",
    "validation_scores_",
    "best_validation_score_",
    "_no_improvement_count",
    "_label_binarizer",
    "_optimizer",
    "_best_coefs",
    "_best_intercepts",
)
#: What scikit-learn's code leaves behind, and a calibration; native training makes it out of date.
OUT_OF_DATE = (
    "temperature_",
    "_optimizer",
    "_best_coefs",
    "_best_intercepts",
    "_coef_indptr",
    "_intercept_indptr",
    "_random_state",
)
#: The solvers that scikit-learn has, too, and those that it has not.
SKLEARN_SOLVERS = ("lbfgs", "sgd", "adam")
OWN_SOLVERS = tuple(
    name
    for row in _native.mlp_classifier_parameters()
    if row["name"] == "solver"
    for name in row["names"]
    if name not in SKLEARN_SOLVERS
)
#: Solvers without epochs.
FULL_BATCH_SOLVERS = ("lbfgs", "lm")
#: The schedules that scikit-learn has, too.
SKLEARN_SCHEDULES = ("constant", "invscaling", "adaptive")
#: The activations that scikit-learn has, too.
SKLEARN_ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
_OPTIONAL_NUMBERS = ("best_loss", "best_validation_score")
_OF_ONE_RULE = (
    "learning_rate.power_t",
    "optimiser.momentum",
    "optimiser.beta_1",
    "optimiser.beta_2",
    "optimiser.epsilon",
)


class NoNativeForm(Exception):
    """Why these attributes are no network that the native library knows."""


class OwnOptimizer:
    """The state of an update rule that scikit-learn does not have, as parts of a native network."""

    def __init__(self, text: dict[str, Any], tensors: dict[str, Any]) -> None:
        self.text, self.tensors = text, tensors


def arrays_of(name: str, attribute: Any) -> Any:
    """What an attribute such as `coefs_` has, as arrays; the caller may have put lists there."""
    arrays = []
    for i, values in enumerate(attribute):
        try:
            arrays.append(np.asarray(values))
        except ValueError:
            raise ValueError(
                f"{name}[{i}] must be an array of numbers, got lists of different lengths."
            ) from None
    return arrays


#: What may normalise the hidden layers of a network: its parameter, and the attribute with its
#: numbers.
NORMS = {"batch_norm": "batch_norms_", "layer_norm": "layer_norms_"}


def norm_of(estimator: Any) -> Any:
    """The name of what normalises the hidden layers of a fitted network, or None."""
    return next((name for name in NORMS if NORMS[name] in vars(estimator)), None)


def norms_of(estimator: Any) -> Any:
    """The numbers of each hidden layer that is normalised: gamma, beta, and of batch_norm the
    moving mean and variance.
    """
    if (norm := norm_of(estimator)) is None:
        return []
    norms = arrays_of(NORMS[norm], vars(estimator)[NORMS[norm]])
    for i, array in enumerate(norms):
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{NORMS[norm]}[{i}] must be an array of numbers, got {array.dtype}.")
    return norms


#: Parameters that scikit-learn's networks have not, and that change how a network is trained.
OF_TRAINING = (
    *("dropout", "noise", "label_smoothing", "class_weight"),
    *("l1", "max_norm", "clip_value", "clip_norm"),
    *INITIAL_WEIGHTS,
)


def own_parameter(estimator: Any, in_training: Any = False) -> Any:
    """What an estimator has that scikit-learn's networks have not, as a text; or None.

    Some are there in training alone.
    """
    for name in (*NORMS, "residual", *(OF_TRAINING if in_training else ())):
        value = getattr(estimator, name, False)
        if np.any(value) if name == "dropout" else value:
            return name if name in INITIAL_WEIGHTS else f"{name}={value!r}"
    if in_training and getattr(estimator, "init", "auto") != "auto":
        return f"init={estimator.init!r}"
    n_members = getattr(vars(estimator).get("_model"), "n_members", 1)
    if n_members > 1 and not in_training:
        return f"an ensemble of n_members={n_members}"
    return norm_of(estimator)


# ---- from native to attributes


def _cut(flat: Any, estimator: Any) -> Any:
    """A packed vector as arrays with the shapes of weights and biases."""
    arrays, start = [], 0
    for like in (*estimator.coefs_, *estimator.intercepts_):
        arrays.append(flat[start : start + like.size].reshape(like.shape).copy())
        start += like.size
    return arrays


def optimizer_of(model: Any, estimator: Any) -> Any:
    """scikit-learn's optimizer object in the state of a native network's, or None without one.

    An `OwnOptimizer` where the rule is not scikit-learn's.
    """
    from skarma._sklearn_private import AdamOptimizer, SGDOptimizer

    text, tensors = unpacked(model)
    if "optimiser" not in text:
        return None
    rule, rate = text["optimiser"], text["learning_rate"]
    if rule["name"] not in SKLEARN_SOLVERS or norm_of(estimator):
        own = {name for name in tensors if name.partition(".")[0] in ("optimiser", "learning_rate")}
        return OwnOptimizer(
            {"optimiser": rule, "learning_rate": rate}, {name: tensors[name] for name in own}
        )
    number = {name: float(values[0]) for name, values in tensors.items() if values.shape == (1,)}
    moments, parameters = tensors["optimiser.moments"], estimator.coefs_ + estimator.intercepts_
    initial = number["learning_rate.initial"]
    if rule["name"] == "sgd":
        optimizer = SGDOptimizer(
            parameters,
            initial,
            rate["schedule"],
            number["optimiser.momentum"],
            rule["nesterovs_momentum"],
            number["learning_rate.power_t"],
        )
        optimizer.velocities = _cut(moments, estimator)
        optimizer.learning_rate = number["learning_rate.current"]
        return optimizer
    beta_1, beta_2 = number["optimiser.beta_1"], number["optimiser.beta_2"]
    optimizer = AdamOptimizer(parameters, initial, beta_1, beta_2, number["optimiser.epsilon"])
    optimizer.t = rule["n_steps"]
    first, second = np.split(moments, 2)
    optimizer.ms, optimizer.vs = _cut(first, estimator), _cut(second, estimator)
    if optimizer.t > 0:
        growth = np.sqrt(1 - beta_2**optimizer.t) / (1 - beta_1**optimizer.t)
        optimizer.learning_rate = initial * growth
    return optimizer


# ---- from attributes to native


def _pieces(activation: Any, n_hidden: Any) -> Any:
    """How many columns of its weights a unit of each hidden layer has: of maxout several."""
    names = activation if isinstance(activation, (list, tuple)) else [activation] * n_hidden
    return [_native.pieces_of(name) if isinstance(name, str) else 1 for name in names]


def _layers(estimator: Any) -> Any:
    """Weights and biases, once they are known to be those of layers one after another."""
    coefs = arrays_of("coefs_", estimator.coefs_)
    intercepts = arrays_of("intercepts_", estimator.intercepts_)
    units = [coefs[0].shape[0]] if coefs and coefs[0].ndim == 2 else [None]
    pieces = [*_pieces(estimator.activation, len(coefs) - 1), 1]
    for coef, intercept, n_pieces in zip(coefs, intercepts, pieces, strict=False):
        columns = coef.shape[1] if coef.ndim == 2 and coef.shape[0] == units[-1] else None
        if intercept.shape != (columns,) or columns % n_pieces:
            raise NoNativeForm("weights and biases do not fit each other")
        units.append(columns // n_pieces)
    if len(coefs) != len(intercepts) or len(units) != getattr(estimator, "n_layers_", None):
        raise NoNativeForm("there are not as many weights as layers")
    if units[0] != getattr(estimator, "n_features_in_", units[0]):
        raise NoNativeForm("the first weights do not fit the features")
    dtypes = {array.dtype for array in (*coefs, *intercepts)}
    if dtypes not in ({np.dtype(np.float32)}, {np.dtype(np.float64)}):
        raise NoNativeForm("weights are of several types")
    return coefs, intercepts, dtypes.pop()


def _classes(binarizer: Any) -> Any:
    """The labels as a native network has them: (text, tensors)."""
    labels = binarizer.classes_
    if binarizer.y_type_.startswith("multilabel"):
        return {"multilabel": True}, {"classes": np.arange(len(labels))}
    if labels.dtype.kind == "U":
        return {"multilabel": False, "classes": labels.tolist()}, {}
    if labels.dtype.kind == "f":
        return {"multilabel": False}, {"classes": labels.astype(np.float64)}
    if labels.dtype.kind in "iu" and labels.max(initial=0) < 2**63:
        return {"multilabel": False}, {"classes": labels.astype(np.int64)}
    return {"multilabel": False}, {"classes": np.arange(len(labels))}


def _history(estimator: Any) -> Any:
    get = vars(estimator).get
    text = {
        "n_iter": int(get("n_iter_", 0)),
        "t": int(get("t_", 0)),
        "no_improvement_count": int(get("_no_improvement_count", 0)),
    }
    tensors = {
        "history.loss": np.array([get("loss_", np.nan)], np.float64),
        "history.loss_curve": np.array(get("loss_curve_", []), np.float64),
    }
    if "loss_curve_" not in vars(estimator) and estimator.solver not in FULL_BATCH_SOLVERS:
        # Weights that no training of ours has made.
        if estimator.early_stopping:
            tensors["history.validation_scores"] = np.zeros(0)
            tensors["history.best_validation_score"] = np.array([-np.inf])
        else:
            tensors["history.best_loss"] = np.array([np.inf])
    for name in _OPTIONAL_NUMBERS:
        if get(f"{name}_") is not None:
            tensors[f"history.{name}"] = np.array([get(f"{name}_")], np.float64)
    if get("validation_scores_") is not None:
        tensors["history.validation_scores"] = np.array(get("validation_scores_"), np.float64)
    return text, tensors


def _optimiser(optimizer: Any, dtype: Any) -> Any:
    """scikit-learn's optimizer object, or ours, as parts of a native network."""
    if isinstance(optimizer, OwnOptimizer):
        moments = optimizer.tensors["optimiser.moments"].astype(dtype)
        return optimizer.text, optimizer.tensors | {"optimiser.moments": moments}
    is_sgd = hasattr(optimizer, "velocities")
    parts = [optimizer.velocities] if is_sgd else [optimizer.ms, optimizer.vs]
    moments = np.concatenate([np.ravel(array) for part in parts for array in part])
    initial = float(optimizer.learning_rate_init)
    numbers = {
        "learning_rate.initial": initial,
        "learning_rate.current": optimizer.learning_rate if is_sgd else initial,
    }
    for name in _OF_ONE_RULE:  # the other ignores it
        numbers[name] = getattr(optimizer, name.rpartition(".")[2], 0.0)
    text = {
        "learning_rate": {"schedule": getattr(optimizer, "lr_schedule", "constant")},
        "optimiser": {
            "name": "sgd" if is_sgd else "adam",
            "nesterovs_momentum": bool(getattr(optimizer, "nesterov", False)),
            "n_steps": int(getattr(optimizer, "t", 0)),
        },
    }
    tensors = {name: np.array([value], np.float64) for name, value in numbers.items()}
    return text, tensors | {"optimiser.moments": moments.astype(dtype)}


def _activation_text(activation: Any, n_hidden: Any) -> Any:
    """As model files name it: one for all hidden layers, or several with commas."""
    if isinstance(activation, str) and "," not in activation:
        return activation
    is_list = isinstance(activation, (list, tuple)) and len(activation) == n_hidden > 0
    if is_list and all(isinstance(name, str) for name in activation):
        return ",".join(activation)
    raise NoNativeForm("it is neither a name nor a list with one for each hidden layer")


def _loss(estimator: Any) -> Any:
    """The native name of the loss: the estimator's own if its output has that link."""
    link, links = estimator.out_activation_, _native.loss_links()
    own = getattr(estimator, "loss", "").partition("(")[0]
    names = [own]
    if binarizer := getattr(estimator, "_label_binarizer", None):
        names = [f"class_{own}", own] if binarizer.y_type_ == "multiclass" else [f"binary_{own}"]
    names += links
    return next((name for name in names if links.get(name) == link), link)


def _hidden_layers(estimator: Any, dtype: Any) -> Any:
    """What hidden layers have beside weights, biases and activations: (text, tensors)."""
    norms, norm = norms_of(estimator), norm_of(estimator)
    tensors = {f"{norm}s.{i}": np.asarray(array, dtype) for i, array in enumerate(norms)}
    dropout = np.asarray(getattr(estimator, "dropout", 0.0), np.float64)
    if dropout.any():
        tensors["dropout_rates" if dropout.ndim else "dropout"] = np.atleast_1d(dropout)
    if noise := getattr(estimator, "noise", 0.0):
        tensors["noise"] = np.array([noise], np.float64)
    return ({"residual": True} if getattr(estimator, "residual", False) else {}), tensors


def native_of(estimator: Any, kind: Any, dtype: Any = None) -> Any:
    """The native network that an estimator's attributes describe; ours or scikit-learn's.

    Raises NoNativeForm where they describe something else. `dtype` is that of its weights, by
    default the one they have.
    """
    coefs, intercepts, own_dtype = _layers(estimator)
    dtype = own_dtype if dtype is None else np.dtype(dtype)
    text = {
        "params": {},
        "dtype": dtype.name,
        "n_layers": len(coefs),
        "activation": _activation_text(estimator.activation, len(coefs) - 1),
        "loss": _loss(estimator),
        "stop_reason": "max_iter",
        "n_evaluations": 0,
        "feature_names": list(getattr(estimator, "feature_names_in_", [])),
    }
    tensors = {f"coefs.{i}": array.astype(dtype) for i, array in enumerate(coefs)}
    tensors |= {f"intercepts.{i}": array.astype(dtype) for i, array in enumerate(intercepts)}
    if text["loss"] == "quantile":
        tensors["loss_numbers"] = np.atleast_1d(np.asarray(estimator.quantile, np.float64))
    if temperature := vars(estimator).get("temperature_"):
        tensors["temperature"] = np.array([temperature], np.float64)
    if (device := vars(estimator).get("device_", "cpu")) != "cpu":
        text["device"] = device
    text["history"], history = _history(estimator)
    tensors |= history
    more_text, more_tensors = _hidden_layers(estimator, dtype)
    text, tensors = text | more_text, tensors | more_tensors
    optimizer = vars(estimator).get("_optimizer")
    if optimizer is not None:
        more_text, more_tensors = _optimiser(optimizer, dtype)
        text, tensors = text | more_text, tensors | more_tensors
    if hasattr(estimator, "_label_binarizer"):
        more_text, more_tensors = _classes(estimator._label_binarizer)
        text, tensors = text | more_text, tensors | more_tensors
    try:
        model = packed(kind, text, tensors)
        model.set({"activation": estimator.activation})
        return model
    except (ValueError, RuntimeError, KeyError, TypeError) as error:
        raise NoNativeForm(str(error)) from None


# ---- from estimator to estimator


class SklearnForm(Mixin):
    """How a network of ours becomes one of scikit-learn's, and the other way round."""

    def to_sklearn(self) -> Any:
        """Make scikit-learn's own estimator with the same parameters and everything learnt.

        For programs that look for scikit-learn's class, such as converters to ONNX. Training goes
        on there where it is here; `n_threads`, `device`, `dtype`, `weight_decay`, `dropout` and
        `noise` have no counterpart, and what solvers of ours remember from step to step stays
        behind.

        Returns
        -------
        estimator : sklearn.neural_network.MLPClassifier or MLPRegressor
            It shares nothing with this one but a `random_state` that is a generator.

        Raises
        ------
        ValueError
            If the solver, the activation or a layer is one that scikit-learn does not have.
        """
        if own := own_parameter(self):
            raise ValueError(
                f"{own} is skarma's own: scikit-learn's {self._native_class.__name__} does not "
                "have it."
            )
        if (link := vars(self).get("out_activation_")) and link not in self._sklearn_links:
            raise ValueError(
                f"loss={self.loss!r} is skarma's own: scikit-learn's "
                f"{self._native_class.__name__} does not have its outputs."
            )
        if "temperature_" in vars(self):
            raise ValueError(
                "A temperature of probabilities is skarma's own: scikit-learn's MLPClassifier does "
                "not have it."
            )
        for name, theirs in (
            ("activation", SKLEARN_ACTIVATIONS),  # a list never is among them
            ("learning_rate", SKLEARN_SCHEDULES),
        ):
            if getattr(self, name) not in theirs:
                raise ValueError(
                    f"{name}={getattr(self, name)!r} is skarma's own: scikit-learn's "
                    f"{self._native_class.__name__} does not have it."
                )
        if self.solver not in SKLEARN_SOLVERS:
            raise ValueError(
                f"solver={self.solver!r} is skarma's own: scikit-learn's "
                f"{self._native_class.__name__} does not have it. For a network that only "
                "predicts, set_params(solver='adam') before."
            )
        estimator = self._sklearn_class()()
        estimator.set_params(**{name: getattr(self, name) for name in estimator.get_params()})
        for name in FITTED:
            if name in vars(self) and not isinstance(vars(self)[name], OwnOptimizer):
                setattr(estimator, name, deepcopy(getattr(self, name)))
        if hasattr(self, "coefs_"):
            # scikit-learn's weights of the best epoch are those at the end of a fit.
            estimator._best_coefs, estimator._best_intercepts = (
                estimator.coefs_,
                estimator.intercepts_,
            )
        optimizer = self._native_optimizer()
        if optimizer is not None and not isinstance(optimizer, OwnOptimizer):
            estimator._optimizer = optimizer
        return estimator

    @classmethod
    def from_sklearn(cls, estimator: Any) -> Self:
        """Make an estimator of this class from scikit-learn's, with everything that it has learnt.

        Parameters
        ----------
        estimator : sklearn.neural_network.MLPClassifier or MLPRegressor
            Fitted or not; it stays as it is.

        Returns
        -------
        estimator : object
            The same network; training goes on here where it is there.

        Raises
        ------
        TypeError
            If the estimator is of another class.
        """
        theirs = cls._sklearn_class()
        if not isinstance(estimator, theirs):
            raise TypeError(
                f"{cls.__name__}.from_sklearn takes a sklearn.neural_network.{theirs.__name__}, "
                f"got {type(estimator).__name__}."
            )
        parameters = estimator.get_params(deep=False)
        self = cls(**{name: parameters[name] for name in theirs().get_params()})
        for name in FITTED:
            if name in vars(estimator):
                setattr(self, name, deepcopy(getattr(estimator, name)))
        return self

    @classmethod
    def _sklearn_class(cls) -> Any:
        from sklearn import neural_network

        return getattr(neural_network, cls._native_class.__name__)
