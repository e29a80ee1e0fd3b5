"""Networks of `skarma.nn` as scikit-learn's estimators, for searches and pipelines."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import check_is_fitted

from skarma._typed_sklearn import available_if
from skarma.nn.augmentations import Augment
from skarma.nn.callbacks import History
from skarma.nn.layers import Activation, Dense
from skarma.nn.sequential import Sequential

if TYPE_CHECKING:
    from skarma.nn._epoch_runs import EpochRuns

_OF_FIT = ("build_fn", "epochs", "batch_size", "verbose", "augment", "device")


class _Wrapper(BaseEstimator):
    """What both have in common: a function that builds the network, and its parameters."""

    model_: Sequential
    history_: History
    _runs: EpochRuns | None = None  # of a search, which shares trainings

    def __init__(
        self,
        build_fn: Callable[..., Sequential],
        *,
        epochs: int = 1,
        batch_size: int = 32,
        verbose: int = 0,
        augment: Augment | Sequence[Augment] | None = None,
        device: str | None = None,
        **parameters: Any,
    ) -> None:
        self.build_fn = build_fn
        self.epochs = epochs
        self.batch_size = batch_size
        self.verbose = verbose
        self.augment = augment
        self.device = device
        self._parameters: dict[str, Any] = {}
        self.set_params(**parameters)

    def _defaults(self) -> dict[str, Any]:
        """The parameters of the function, with what they are unless they are set."""
        parameters = inspect.signature(self.build_fn).parameters.values()
        named = {p.name: p.default for p in parameters if p.kind is not p.VAR_KEYWORD}
        for name in set(named) & set(_OF_FIT):
            raise ValueError(f"build_fn must not have a parameter {name!r}: that is of the fit.")
        return named

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All parameters: those of the fit, and those of `build_fn`.

        Parameters
        ----------
        deep : bool, default=True
            Means nothing here.

        Returns
        -------
        parameters : dict
            By their names.
        """
        own = {name: getattr(self, name) for name in _OF_FIT}
        chosen = {**self._defaults(), **self._parameters}
        return {k: v for k, v in chosen.items() if v is not inspect.Parameter.empty} | own

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters of the fit or of `build_fn`.

        Parameters
        ----------
        **parameters
            By their names.

        Returns
        -------
        self : object
            This estimator.
        """
        for name in [name for name in _OF_FIT if name in parameters]:
            setattr(self, name, parameters.pop(name))
        names = self._defaults()
        self._parameters = {k: v for k, v in self._parameters.items() if k in names}
        for name, value in parameters.items():
            if name in names:
                self._parameters[name] = value
            else:
                raise ValueError(
                    f"Invalid parameter {name!r}: there are {', '.join([*_OF_FIT, *names])}."
                )
        return self

    def __sklearn_clone__(self) -> Self:
        copy: Self = super().__sklearn_clone__()
        # The function's defaults are no parameters of the copy: they change with the function.
        copy._parameters = {name: copy._parameters[name] for name in self._parameters}
        if self._runs is not None:
            copy._runs = self._runs
        return copy

    def __getstate__(self) -> Any:
        return {**super().__getstate__(), "_runs": None}

    def _built(self) -> Sequential:
        model = self.build_fn(**self._parameters)
        if not isinstance(model, Sequential) or model.loss is None:
            raise ValueError("build_fn must return a compiled skarma.nn.Sequential.")
        if self.device is not None:
            model.device = self.device
        return model

    def _trained(self, X: ArrayLike, targets: ArrayLike, model: Sequential, weights: Any) -> Self:
        done = self._runs.trained(self, model, X, targets, weights) if self._runs else None
        if done is None:
            done = model
            done.fit(
                X,
                targets,
                self.batch_size,
                self.epochs,
                self.verbose,
                sample_weight=weights,
                augment=self.augment,
                callbacks=self._runs.callbacks() if self._runs else (),
            )
            if self._runs:
                self._runs.go_on()
        self._take(done)
        self._see(X)
        return self

    def _take(self, model: Sequential) -> None:
        """What a fit has made."""
        self.model_, self.history_ = model, model.history

    def _see(self, X: ArrayLike) -> None:
        """The samples of a fit."""
        self.__dict__.pop("n_features_in_", None)  # of an earlier fit
        if np.ndim(X) == 2:
            self.n_features_in_ = np.shape(X)[1]

    def _clips_batches(self, n_samples: int) -> bool:
        """Whether a fit to so many samples warns of its batches: it never does."""
        return False

    def _outputs(self, X: ArrayLike) -> NDArray[Any]:
        check_is_fitted(self, "model_")
        return self.model_.predict(X)


def _last_activation(model: Sequential) -> str | None:
    """The name of what the outputs went through; None for none."""
    for layer in reversed(model.layers):
        if isinstance(layer, Activation) and layer.activation not in (None, "linear"):
            return layer.activation
        if isinstance(layer, Dense):
            return layer.activation
    return None


def _has_probabilities(classifier: Classifier) -> bool:
    """Whether what is fitted ends in probabilities."""
    model = getattr(classifier, "model_", None)
    return model is None or _last_activation(model) in ("softmax", "sigmoid", "logistic")


class Classifier(ClassifierMixin, _Wrapper):
    """A classifier of a function that builds a network.

    Parameters
    ----------
    build_fn : callable
        Returns a compiled `Sequential`, whose last layer has an output for each class, or one for
        two classes. Its parameters are parameters of the classifier.

    epochs, batch_size, verbose : int
        As `Sequential.fit` has them; nothing is printed by default.

    augment : Augmentation, callable or sequence of such, default=None
        The same.

    device : str, default=None
        What computes the network, as `Sequential.compile` has it; None: what `build_fn` says.

    **parameters
        Of `build_fn`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.

    model_ : Sequential
        The network.

    history_ : History
        What the fit came to.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skarma import nn
    >>> def network(units=8):
    ...     layers = [nn.BatchNorm(), nn.Dense(units, "relu"), nn.Dense(3, "softmax")]
    ...     model = nn.Sequential(layers, random_state=0)
    ...     model.compile("adam", "sparse_categorical_crossentropy")
    ...     return model
    >>> X, y = load_iris(return_X_y=True)
    >>> search = GridSearchCV(nn.Classifier(network, epochs=30), {"units": [4, 32]}, cv=3)
    >>> search.fit(X, y).best_params_
    {'units': 32}
    """

    classes_: NDArray[Any]

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Build a network and train it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features) or (n_samples, height, width, channels)
            The samples.

        y : array-like of shape (n_samples,)
            Their labels.

        sample_weight : array-like of shape (n_samples,), default=None
            Of the samples.

        Returns
        -------
        self : Classifier
            This classifier.
        """
        model = self._built()
        labels = np.asarray(y)
        assert_all_finite(labels, input_name="y")
        if labels.ndim != 1:
            raise ValueError(f"y has the shape (n_samples,). Got {labels.shape} instead.")
        classes, codes = np.unique(labels, return_inverse=True)
        targets: NDArray[Any] = codes
        n_outputs = model.n_outputs
        if n_outputs != len(classes) and (n_outputs, len(classes)) != (1, 2):
            raise ValueError(f"There are {len(classes)} classes and {n_outputs} outputs.")
        if model.loss == "categorical_crossentropy":
            targets = np.eye(len(classes))[codes]
        elif n_outputs > 1 and not model._made().takes_codes:
            raise ValueError(f"The loss {model.loss!r} of several outputs is none of classes.")
        self._trained(X, targets, model, sample_weight)
        self.classes_ = classes  # not before: a fit that fails leaves the last one as it was
        return self

    @available_if(_has_probabilities)
    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Compute the probabilities of the classes, where the last activation makes such.

        Networks that end in others than "softmax" or "sigmoid" do not have this method.

        Parameters
        ----------
        X : array-like
            The samples, as in `fit`.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        outputs = self._outputs(X)
        return outputs if outputs.shape[1] > 1 else np.hstack([1 - outputs, outputs])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the most probable class.

        Parameters
        ----------
        X : array-like
            The samples, as in `fit`.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Of `classes_`.
        """
        outputs = self._outputs(X)
        if outputs.shape[1] > 1:
            return self.classes_[outputs.argmax(axis=1)]
        threshold = 0.0 if "hinge" in str(self.model_.loss) else 0.5
        return self.classes_[(outputs[:, 0] > threshold).astype(int)]


class Regressor(RegressorMixin, _Wrapper):
    """A regressor of a function that builds a network: see `Classifier`.

    Parameters
    ----------
    build_fn : callable
        Returns a compiled `Sequential` with an output for each target.

    epochs, batch_size, verbose : int
        As `Sequential.fit` has them; nothing is printed by default.

    augment : Augmentation, callable or sequence of such, default=None
        The same.

    device : str, default=None
        What computes the network, as `Sequential.compile` has it; None: what `build_fn` says.

    **parameters
        Of `build_fn`.

    Attributes
    ----------
    model_ : Sequential
        The network.

    history_ : History
        What the fit came to.

    Examples
    --------
    >>> import numpy as np
    >>> from skarma import nn
    >>> def line():
    ...     model = nn.Sequential([nn.Dense(1)], random_state=0)
    ...     model.compile(nn.SGD(learning_rate=0.1), "squared_error")
    ...     return model
    >>> X = np.linspace(-1, 1, 50)[:, np.newaxis]
    >>> y = 2 * X[:, 0] + 1
    >>> bool(nn.Regressor(line, epochs=50).fit(X, y).score(X, y) > 0.999)
    True
    """

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Build a network and train it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features) or (n_samples, height, width, channels)
            The samples.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.

        sample_weight : array-like of shape (n_samples,), default=None
            Of the samples.

        Returns
        -------
        self : Regressor
            This regressor.
        """
        return self._trained(X, y, self._built(), sample_weight)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the targets.

        Parameters
        ----------
        X : array-like
            The samples, as in `fit`.

        Returns
        -------
        targets : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            One a sample, or one for each output.
        """
        outputs = self._outputs(X)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs
