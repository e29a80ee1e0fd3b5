"""What the extension module has; see python/bindings."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix

NumpyState = tuple[str, NDArray[np.uint32], int, int, float]
Samples = NDArray[np.floating] | csr_array[Any] | csr_matrix[Any]
Observer = Callable[[int, float, float | None, float | None], None] | None

class DivergenceError(ValueError): ...

class Target:
    @staticmethod
    def labels(classes: NDArray[Any], codes: NDArray[np.integer]) -> Target: ...
    @staticmethod
    def multilabel(y: NDArray[np.float64]) -> Target: ...
    @staticmethod
    def numbers(y: NDArray[np.float64]) -> Target: ...

class _MLP:
    def __init__(self, parameters: dict[str, Any]) -> None: ...
    def set(self, parameters: dict[str, Any]) -> None: ...
    def fit(
        self,
        x: Samples,
        y: Target,
        sample_weight: NDArray[np.float64] | None,
        feature_names: Sequence[str],
        random_state: NumpyState,
        observer: Observer,
    ) -> tuple[bool, NumpyState]: ...
    def set_random_state(self, state: NumpyState) -> None: ...
    def set_packed_parameters(self, packed: NDArray[np.float64]) -> None: ...
    def packed_parameters(self) -> NDArray[np.float64]: ...
    def copy(self) -> Any: ...
    def parameters(self) -> dict[str, Any]: ...
    def coefs(self) -> list[NDArray[np.floating]]: ...
    def intercepts(self) -> list[NDArray[np.floating]]: ...
    @property
    def n_features_in(self) -> int: ...
    @property
    def feature_names_in(self) -> list[str]: ...
    def set_feature_names(self, names: Sequence[str]) -> None: ...
    @property
    def loss(self) -> float: ...
    @property
    def loss_curve(self) -> list[float]: ...
    @property
    def best_loss(self) -> float | None: ...
    @property
    def validation_scores(self) -> list[float] | None: ...
    @property
    def best_validation_score(self) -> float | None: ...
    @property
    def n_iter(self) -> int: ...
    @property
    def t(self) -> int: ...
    @property
    def n_layers(self) -> int: ...
    @property
    def n_outputs(self) -> int: ...
    @property
    def out_activation(self) -> str: ...
    @property
    def no_improvement_count(self) -> int: ...
    @property
    def is_float32(self) -> bool: ...
    @property
    def fit_warning(self) -> str: ...
    @property
    def stop_reason(self) -> str: ...

class MLPClassifier(_MLP):
    @property
    def classes(self) -> NDArray[Any]: ...
    @property
    def is_multilabel(self) -> bool: ...
    def partial_fit(
        self,
        x: Samples,
        y: Target,
        classes: Target | None,
        sample_weight: NDArray[np.float64] | None,
        feature_names: Sequence[str],
        random_state: NumpyState,
        observer: Observer,
    ) -> tuple[bool, NumpyState]: ...
    def start_from(self, n_features: int, classes: Target, packed: NDArray[np.float64]) -> None: ...
    def predict_proba(self, x: Samples) -> NDArray[np.floating]: ...

class MLPRegressor(_MLP):
    def partial_fit(
        self,
        x: Samples,
        y: Target,
        sample_weight: NDArray[np.float64] | None,
        feature_names: Sequence[str],
        random_state: NumpyState,
        observer: Observer,
    ) -> tuple[bool, NumpyState]: ...
    def start_from(self, n_features: int, n_outputs: int, packed: NDArray[np.float64]) -> None: ...
    def predict(self, x: Samples) -> NDArray[np.floating]: ...

def mlp_classifier_parameters() -> list[dict[str, Any]]: ...
def mlp_regressor_parameters() -> list[dict[str, Any]]: ...

class CrossValidation:
    def __init__(
        self,
        *,
        scalers: Sequence[tuple[str, str, dict[str, Any]]],
        mlp_name: str,
        mlp: MLPClassifier | MLPRegressor,
        x: Samples,
        y: Target,
        sample_weight: NDArray[np.float64] | None,
        weight_scores: bool,
        folds: Sequence[tuple[NDArray[np.uint32], NDArray[np.uint32]]],
        metrics: Sequence[tuple[str, str]],
        is_multimetric: bool,
        return_train_score: bool,
        n_jobs: int | None,
        error_score: float | None,
        random_state: NumpyState | None,
    ) -> None: ...
    def grid_search(
        self,
        candidates: Sequence[dict[str, Any]],
        progress: Callable[[int, int, float, dict[str, Any] | None], None] | None,
    ) -> tuple[dict[str, NDArray[Any]], list[str], list[str]]: ...
    def cross_validate(
        self, return_mlps: bool, feature_names: Sequence[str]
    ) -> tuple[
        NDArray[np.float64],
        NDArray[np.float64],
        list[tuple[NDArray[np.float64], NDArray[np.float64]]],
        list[MLPClassifier | MLPRegressor | None],
        list[str],
        list[str],
    ]: ...
    @property
    def random_state(self) -> NumpyState: ...

def save_model(
    scalers: Sequence[tuple[str, str, dict[str, Any], dict[str, NDArray[np.float64]]]],
    mlp_name: str,
    mlp: MLPClassifier | MLPRegressor,
    path: str | PathLike[str],
) -> None: ...
def load_model(
    path: str | PathLike[str],
) -> tuple[
    list[tuple[str, str, dict[str, Any], dict[str, list[float]]]],
    str,
    MLPClassifier | MLPRegressor,
]: ...
def runtime_info() -> dict[str, Any]: ...
