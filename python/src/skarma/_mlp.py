"""The multi-layer perceptrons: scikit-learn's interface over the native estimators."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, SupportsIndex, overload

import numpy as np
from numpy import ndarray
from scipy.sparse import csr_matrix
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from skarma import _native
from skarma._base_mlp import OF_A_FIT, BaseMLP
from skarma._borrowed import IN_PREDICTION, OF_EACH, borrowing, original, overridden
from skarma._fit_extras import FitExtras
from skarma._foreign_arrays import given_back, is_foreign, on_host, samples_on_host
from skarma._native_values import FLOATS, native_samples
from skarma._parameters import constraints_of, documented
from skarma._plain_data import are_plain_samples, are_plain_targets, plain_classes
from skarma._sklearn_networks import FULL_BATCH_SOLVERS, OWN_SOLVERS
from skarma._sklearn_private import _check_partial_fit_first_call, _check_sample_weight
from skarma._typed_sklearn import available_if, fit_context

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from skarma._types import Callbacks, RandomState, Samples, Solver, Splitter


def _is_hinge(loss: Any) -> bool:
    return loss in ("hinge", "squared_hinge")


def _d2_pinball(y: Any, predicted: Any, level: Any, sample_weight: Any) -> Any:
    """`d2_pinball_score` as scikit-learn 1.9 has it; before, it took another quantile."""
    from sklearn.metrics import mean_pinball_loss

    if len(y) < 2:
        return np.nan
    weights = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight)
    order = np.argsort(y, kind="stable")
    below = np.cumsum(weights[order])
    best = y[order[np.searchsorted(below, level * below[-1])]]
    loss, of_constant = (
        mean_pinball_loss(y, values, alpha=level, sample_weight=sample_weight)
        for values in (predicted, np.full(len(y), best))
    )
    if of_constant == 0:
        return 1.0 if loss == 0 else 0.0
    return 1 - loss / of_constant


def _has_partial_fit(estimator: Any) -> bool:
    # scikit-learn's check does not know our rules, and says why it refuses the others.
    has_own_rule = estimator.solver in OWN_SOLVERS and estimator.solver not in FULL_BATCH_SOLVERS
    return has_own_rule or estimator._check_solver()


@documented(_native.mlp_classifier_parameters())
@borrowing("MLPClassifier", OF_EACH)
class MLPClassifier(ClassifierMixin, BaseMLP):
    """Multi-layer perceptron classifier, as scikit-learn's, trained natively.

    It minimises the log-loss, or another loss, by L-BFGS, by stochastic gradient descent or another
    of the solvers below.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels.

    {attributes}

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skarma import MLPClassifier
    >>> X, y = make_classification(n_samples=100, random_state=1)
    >>> clf = MLPClassifier(solver="lbfgs", hidden_layer_sizes=(5,), random_state=1).fit(X, y)
    >>> clf.predict(X[:5]).shape
    (5,)
    """

    _parameter_constraints: dict[str, Any] = constraints_of(_native.mlp_classifier_parameters())
    _native_names = tuple(name for name in _parameter_constraints if name not in OF_A_FIT)
    _native_class = _native.MLPClassifier
    _sklearn_links = ("softmax", "logistic")
    if TYPE_CHECKING:
        classes_: NDArray[Any]
        temperature_: float
        class_weight: Any

    def __init__(
        self,
        hidden_layer_sizes: int | ArrayLike = (100,),
        activation: str | Sequence[str] = "relu",
        *,
        solver: Solver = "adam",
        alpha: float = 0.0001,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: RandomState = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float | Splitter = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: float = 15000,
        n_threads: int | None = None,
        device: str = "cpu",
        dtype: Literal["float32", "float64"] | None = None,
        weight_decay: float = 0.01,
        dropout: float | Sequence[float] = 0.0,
        batch_norm: bool = False,
        residual: bool = False,
        precision: Literal["tf32"] | None = None,
        early_stopping_metric: str | None = None,
        freeze: Sequence[int] = (),
        n_init: int = 1,
        layer_norm: bool = False,
        noise: float = 0.0,
        keep_optimizer: bool = False,
        init: str = "auto",
        coefs_init: Sequence[ArrayLike] | None = None,
        intercepts_init: Sequence[ArrayLike] | None = None,
        l1: float = 0.0,
        max_norm: float | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        n_members: int = 1,
        loss: str = "log_loss",
        label_smoothing: float = 0.0,
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = None,
    ) -> None:
        self._keep(locals())

    # ---- labels

    def _take_plain(self, X: Any, y: Any) -> bool:
        """Learn the labels of plain samples; False for what scikit-learn's validation is to see."""
        classes = plain_classes(y) if are_plain_samples(X, y) else None
        if classes is None:
            return False
        self._take_classes(classes)
        return True

    def _checked_input(self, X: Any, y: Any, incremental: bool, reset: bool) -> Any:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            dtype=FLOATS,
            reset=reset,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not hasattr(self, "classes_") or (not self.warm_start and not incremental):
            self._learn_labels(y)
            return X, y
        classes = unique_labels(y)
        if self.warm_start:
            if set(classes) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the "
                    f"previous call to fit. Previously got {self.classes_}, `y` has {classes}"
                )
        elif len(np.setdiff1d(classes, self.classes_, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. "
                f"'y' has {classes}."
            )
        return X, y

    def _checked_validation_target(self, y: Any) -> Any:
        """`y_val`, of classes that `y` has."""
        kind = type_of_target(y, input_name="y_val")
        if kind.startswith("multilabel") != self._is_multilabel:
            raise ValueError(f"y_val must be of the kind that y is of. Got {kind} instead.")
        if self._is_multilabel:
            if y.shape[1] != len(self.classes_):
                raise ValueError(f"y_val has {y.shape[1]} labels, y has {len(self.classes_)}.")
            return y
        y = column_or_1d(y)
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(
                f"y_val has classes that y does not have: {unknown}. y has {self.classes_}."
            )
        return y

    def _take_native_labels(self) -> None:
        self._take_classes(self._model.classes, self._model.is_multilabel)
        if isinstance(self.class_weight, str) and self.class_weight.startswith("{"):
            weights, labels = json.loads(self.class_weight), self.classes_.tolist()
            known = {str(label): label for label in labels}
            self.class_weight = {known.get(key, key): weights[key] for key in weights}

    def _learn_labels(self, y: Any) -> None:
        self._take_binarizer(LabelBinarizer().fit(y))

    def _take_classes(self, classes: Any, is_multilabel: Any = False) -> None:
        binarizer = LabelBinarizer()
        binarizer.classes_, binarizer.sparse_input_ = classes, False
        kind = "binary" if len(classes) <= 2 else "multiclass"
        binarizer.y_type_ = "multilabel-indicator" if is_multilabel else kind
        self._take_binarizer(binarizer)

    def _take_binarizer(self, binarizer: Any) -> None:
        self._label_binarizer = binarizer
        self.classes_ = binarizer.classes_

    @property
    def _is_multilabel(self) -> bool:
        return self._label_binarizer.y_type_.startswith("multilabel")

    def _target(self, y: Any) -> Any:
        if self._is_multilabel:
            y = y.toarray() if hasattr(y, "toarray") else y
            return _native.Target.multilabel(np.ascontiguousarray(y, dtype=np.float64))
        return _native.Target.labels(self.classes_, np.searchsorted(self.classes_, y))

    def _all_classes(self) -> Any:
        return _native.Target.labels(self.classes_, np.arange(len(self.classes_)))

    def _classes_argument(self) -> Any:
        return (None if self._is_multilabel else self._all_classes(),)

    @available_if(_has_partial_fit)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: Samples,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        *,
        n_epochs: int = 1,
        callbacks: Callbacks | None = None,
    ) -> Self:
        """Update the model with one epoch, or several, over the given data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        y : array-like of shape (n_samples,)
            Their labels.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        classes : array-like of shape (n_classes,), default=None
            All labels that will ever occur; needed at the first call.

        n_epochs : int, default=1
            How many epochs. With `shuffle`, they are those of a fit of so many, where as many
            calls would shuffle the samples anew; without, they are those of as many calls.

        callbacks : list of skarma.callbacks.Callback or callable, default=None
            What watches and steers the epochs.

        Returns
        -------
        self : object
            The model.
        """
        y, classes = on_host(y, "y"), on_host(classes, "classes")
        if _check_partial_fit_first_call(self, classes):
            self._learn_labels(y if type_of_target(y).startswith("multilabel") else classes)
        extras = FitExtras(n_epochs=n_epochs, callbacks=callbacks)
        return self._train(X, y, sample_weight, True, extras)

    def score(self, X: Samples, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy of the predicted labels.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            What is true of them.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        score : float
            The share of samples whose labels are all predicted right.
        """
        return super().score(*samples_on_host(X, y, sample_weight))

    @original
    def _score(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        from sklearn.metrics import accuracy_score

        return super()._score_with_function(X, y, sample_weight, accuracy_score)

    def integrated_gradients(
        self,
        X: Samples,
        y: ArrayLike | None = None,
        *,
        baseline: ArrayLike | None = None,
        n_steps: int = 50,
    ) -> NDArray[Any]:
        """Say how much each feature adds to the probability of a label.

        Integrated gradients (Sundararajan, Taly and Yan, ICML 2017), by the midpoint rule, on the
        straight way from a baseline: rows sum to the probability of the label there and here, the
        closer the more steps. Not for several labels at once.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        y : array-like of shape (n_samples,), default=None
            The label that each row is about; None is the predicted one.

        baseline : float or array-like of shape (n_features,), default=None
            Where the way begins; None is 0.

        n_steps : int, default=50
            How many gradients are taken on it.

        Returns
        -------
        added : ndarray of shape (n_samples, n_features)
            What each feature adds.
        """

        def labels(X: Any) -> Any:
            if y is None:
                return None
            known = self._checked_validation_target(np.asarray(on_host(y, "y")))
            check_consistent_length(X, known)
            return self._target(known)

        check_is_fitted(self)
        if self._is_multilabel:
            raise ValueError("integrated_gradients are not of several labels at once.")
        return self._integrated(X, labels, baseline, n_steps)

    # ---- prediction

    @overload
    def predict(self, X: NDArray[Any]) -> NDArray[Any]: ...
    @overload
    def predict(self, X: Samples) -> Any: ...
    def predict(self, X: Samples) -> Any:
        """Predict the labels of samples.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            The predicted labels; for several labels at once, rows of 0 and 1. For X of another
            library numbers are an array of that library, on the device of X.
        """
        if type(X) is not ndarray and is_foreign(X):
            return given_back(MLPClassifier.predict, self, X)
        if overridden(self, IN_PREDICTION):
            check_is_fitted(self)
            return self._predict(X)
        scores = self._gives_scores
        outputs = self._own_outputs(
            X, self._native_class.logits if scores else self._native_class.predict_proba
        )
        threshold = 0.0 if scores else 0.5
        if self._is_multilabel:
            labels = (outputs > threshold).astype(int)
            return csr_matrix(labels) if self._label_binarizer.sparse_input_ else labels
        classes = self._label_binarizer.classes_
        if len(classes) > 2:
            return classes[outputs.argmax(axis=1)]
        return classes.take(outputs[:, -1] > threshold, mode="clip")  # there may be one class

    @property
    def _gives_scores(self) -> bool:
        return self.__dict__.get("out_activation_") == "identity"

    @overload
    def predict_proba(self, X: NDArray[Any]) -> NDArray[Any]: ...
    @overload
    def predict_proba(self, X: Samples) -> Any: ...
    @available_if(lambda self: not _is_hinge(self.loss))
    def predict_proba(self, X: Samples) -> Any:
        """Predict the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes)
            The probabilities, in the order of `classes_`; for X of another library an array of that
            library, on the device of X.
        """
        if type(X) is not ndarray and is_foreign(X):
            return given_back(MLPClassifier.predict_proba, self, X)
        outputs = self._outputs(X, self._native_class.predict_proba)
        if outputs.shape[1] == 1:
            return np.hstack([1 - outputs, outputs])
        return outputs

    @overload
    def predict_log_proba(self, X: NDArray[Any]) -> NDArray[Any]: ...
    @overload
    def predict_log_proba(self, X: Samples) -> Any: ...
    @available_if(lambda self: not _is_hinge(self.loss))
    def predict_log_proba(self, X: Samples) -> Any:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        log_p : ndarray of shape (n_samples, n_classes)
            The logarithms, in the order of `classes_`; for X of another library an array of that
            library, on the device of X.
        """
        if type(X) is not ndarray and is_foreign(X):
            return given_back(MLPClassifier.predict_log_proba, self, X)
        probabilities = self.predict_proba(X)
        return np.log(probabilities, out=probabilities)

    @overload
    def logits(self, X: NDArray[Any]) -> NDArray[Any]: ...
    @overload
    def logits(self, X: Samples) -> Any: ...
    def logits(self, X: Samples) -> Any:
        """Compute what the probabilities are made of.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        z : ndarray of shape (n_samples, n_classes), or (n_samples,) for two classes
            Softmax of each row, or for two classes and for several labels at once the logistic
            function, makes probabilities of them, after a division by `temperature_` if there is
            one. For a hinge loss the scores.
        """
        if type(X) is not ndarray and is_foreign(X):
            return given_back(MLPClassifier.logits, self, X)
        if overridden(self, IN_PREDICTION):
            raise ValueError("logits are those of the native library, and methods are overridden.")
        z = self._own_outputs(X, self._native_class.logits)
        return z.ravel() if z.shape[1] == 1 and not self._is_multilabel else z

    @overload
    def decision_function(self, X: NDArray[Any]) -> NDArray[Any]: ...
    @overload
    def decision_function(self, X: Samples) -> Any: ...
    @available_if(lambda self: _is_hinge(self.loss))
    def decision_function(self, X: Samples) -> Any:
        """Compute the scores of a network that was trained with a hinge loss.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_classes), or (n_samples,) for two classes
            The largest is the predicted class; of two classes the second from 0 on.
        """
        return self.logits(X)

    def calibrate(
        self, X_val: Samples, y_val: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Find the temperature with which the probabilities of samples have the least log loss.

        Probabilities are then those of the logits divided by it (temperature scaling, Guo et al.,
        ICML 2017). No predicted label changes. A later fit forgets it.

        Parameters
        ----------
        X_val : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples; not those of the fit, of which a network is too sure.

        y_val : array-like of shape (n_samples,) or (n_samples, n_classes)
            Their labels, all of them known from the fit.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        self : object
            The estimator, with `temperature_`.
        """
        check_is_fitted(self)
        X, y, sample_weight = samples_on_host(X_val, y_val, sample_weight)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        if unknown := np.setdiff1d(unique_labels(y), self.classes_).tolist():
            raise ValueError(f"y_val has labels that are not in classes_: {unknown}")
        target = self._target(column_or_1d(y) if np.ndim(y) == 1 else y)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], dtype=FLOATS, reset=False)
        model = self._current_model().copy()
        model.calibrate(native_samples(X), target, sample_weight)
        self._model, self.temperature_ = model, model.temperature
        return self

    def _current_model(self) -> Any:
        model = super()._current_model()
        temperature = self.__dict__.get("temperature_")
        if temperature is not None and temperature != model.temperature:
            self._model = model = model.copy()
            model.temperature = temperature
        return model

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@documented(_native.mlp_regressor_parameters())
@borrowing("MLPRegressor", OF_EACH)
class MLPRegressor(RegressorMixin, BaseMLP):
    """Multi-layer perceptron regressor, as scikit-learn's, trained natively.

    It minimises the squared error, or another loss, by L-BFGS, by Levenberg-Marquardt, by
    stochastic gradient descent or another of the solvers below.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from skarma import MLPRegressor
    >>> X, y = make_regression(n_samples=100, n_features=5, random_state=1)
    >>> model = MLPRegressor(solver="lbfgs", hidden_layer_sizes=(5,), random_state=1).fit(X, y)
    >>> model.predict(X[:5]).shape
    (5,)
    """

    _parameter_constraints: dict[str, Any] = constraints_of(_native.mlp_regressor_parameters())
    _native_names = tuple(name for name in _parameter_constraints if name not in OF_A_FIT)
    _native_class = _native.MLPRegressor
    _sklearn_links = ("identity", "exp")

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: int | ArrayLike = (100,),
        activation: str | Sequence[str] = "relu",
        *,
        solver: Solver = "adam",
        alpha: float = 0.0001,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: RandomState = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float | Splitter = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: float = 15000,
        n_threads: int | None = None,
        device: str = "cpu",
        dtype: Literal["float32", "float64"] | None = None,
        weight_decay: float = 0.01,
        dropout: float | Sequence[float] = 0.0,
        batch_norm: bool = False,
        residual: bool = False,
        precision: Literal["tf32"] | None = None,
        early_stopping_metric: str | None = None,
        freeze: Sequence[int] = (),
        n_init: int = 1,
        layer_norm: bool = False,
        noise: float = 0.0,
        keep_optimizer: bool = False,
        init: str = "auto",
        coefs_init: Sequence[ArrayLike] | None = None,
        intercepts_init: Sequence[ArrayLike] | None = None,
        l1: float = 0.0,
        max_norm: float | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        n_members: int = 1,
        quantile: float | Sequence[float] = 0.5,
    ) -> None:
        self._keep(locals())

    def _take_plain(self, X: Any, y: Any) -> Any:
        """Whether these are plain samples with plain targets."""
        return are_plain_samples(X, y) and are_plain_targets(y)

    def _checked_input(self, X: Any, y: Any, incremental: bool, reset: bool) -> Any:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            y_numeric=True,
            dtype=FLOATS,
            reset=reset,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if y.dtype.kind not in "biuf":
            raise ValueError(f"y must be numbers, got an array of type {y.dtype}.")
        return X, y

    def score(self, X: Samples, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the coefficient of determination of the predictions.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            What is true of them.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        score : float
            R^2: 1 at best, 0 for predictions of the mean. With the loss "quantile" the mean of
            `d2_pinball_score` over the quantiles: 1 at best, 0 for the samples' own quantiles.
        """
        if self.loss == "quantile":
            return self._pinball_skill(*samples_on_host(X, y, sample_weight))
        return super().score(*samples_on_host(X, y, sample_weight))

    def _pinball_skill(self, X: Any, y: Any, sample_weight: Any) -> Any:
        levels = np.atleast_1d(self.quantile)
        predicted = self.predict(X).reshape(-1, len(levels))
        y = column_or_1d(y)
        return float(
            np.mean(
                [
                    _d2_pinball(y, column, level, sample_weight)
                    for column, level in zip(predicted.T, levels, strict=True)
                ]
            )
        )

    @original
    def _score(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        from sklearn.metrics import r2_score

        return super()._score_with_function(X, y, sample_weight, r2_score)

    def _checked_validation_target(self, y: Any) -> Any:
        """`y_val`, finite numbers."""
        return check_array(y, ensure_2d=False, dtype=np.float64, input_name="y_val")

    def _target(self, y: Any) -> Any:
        return _native.Target.numbers(np.ascontiguousarray(y, dtype=np.float64))

    def _classes_argument(self) -> Any:
        return ()

    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: Samples,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        n_epochs: int = 1,
        callbacks: Callbacks | None = None,
    ) -> Self:
        """Update the model with one epoch, or several, over the given data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their targets.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        n_epochs : int, default=1
            How many epochs. With `shuffle`, they are those of a fit of so many, where as many
            calls would shuffle the samples anew; without, they are those of as many calls. 1 for
            lbfgs, which fits as a whole.

        callbacks : list of skarma.callbacks.Callback or callable, default=None
            What watches and steers the epochs.

        Returns
        -------
        self : object
            The model.
        """
        extras = FitExtras(n_epochs=n_epochs, callbacks=callbacks)
        return self._train(X, y, sample_weight, True, extras)

    def integrated_gradients(
        self,
        X: Samples,
        output: SupportsIndex = 0,
        *,
        baseline: ArrayLike | None = None,
        n_steps: int = 50,
    ) -> NDArray[Any]:
        """Say how much each feature adds to a prediction.

        Integrated gradients (Sundararajan, Taly and Yan, ICML 2017), by the midpoint rule, on the
        straight way from a baseline: rows sum to the difference of the predictions there and here,
        the closer the more steps.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        output : int, default=0
            The output that it is about, by its number.

        baseline : float or array-like of shape (n_features,), default=None
            Where the way begins; None is 0.

        n_steps : int, default=50
            How many gradients are taken on it.

        Returns
        -------
        added : ndarray of shape (n_samples, n_features)
            What each feature adds.
        """
        return self._integrated(X, lambda X: operator.index(output), baseline, n_steps)

    @overload
    def predict(self, X: NDArray[Any]) -> NDArray[Any]: ...
    @overload
    def predict(self, X: Samples) -> Any: ...
    def predict(self, X: Samples) -> Any:
        """Predict the targets of samples.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The predicted numbers; for X of another library an array of that library, on the device
            of X.
        """
        if type(X) is not ndarray and is_foreign(X):
            return given_back(MLPRegressor.predict, self, X)
        if overridden(self, IN_PREDICTION):
            check_is_fitted(self)
            return self._predict(X)
        y = self._own_outputs(X, self._native_class.predict)
        return y.ravel() if y.shape[1] == 1 else y
