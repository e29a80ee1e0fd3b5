"""scikit-learn's transformers that the native library knows: a row for each class."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skarma._native_values import plain


def _nothing(transformer: Any) -> None:
    pass


@dataclass(frozen=True)
class NativeTransformer:
    """What the native library has of a class of scikit-learn.

    Parameters
    ----------
    module, name : str
        Where scikit-learn has the class, which is imported only when somebody else has done so, and
        its name, which is the native one's, too.

    parameters : tuple of str
        Parameters that both have. Others of scikit-learn's change no result.

    pairs : dict of str -> tuple of str
        Parameters that are two numbers, with the native names of these.

    learnt : tuple of str
        The attributes that a fit learns and a model file keeps.

    unused : dict of str -> callable
        Makes the native figures (of n_features) for an attribute that is None.

    optional : tuple of str
        Attributes that model files of older versions do not have.

    double : tuple of str
        Attributes that are float64 when the samples are float32, too.

    restored : callable
        Completes a transformer of which the arrays of `learnt` are set.

    takes_sparse : callable
        Whether it, as its parameters are, takes sparse samples.

    gives_dense : bool
        Whether what comes out of sparse samples is dense.

    refuses : callable
        Why its fit to samples of a shape is left to scikit-learn, or None.

    n_out : callable
        How many features come out of samples of a shape; None if it is not known before a fit.
    """

    module: str
    name: str
    parameters: tuple[Any, ...]
    pairs: dict[str, Any] = field(default_factory=dict)
    learnt: tuple[Any, ...] = ()
    unused: dict[str, Any] = field(default_factory=dict)
    optional: tuple[Any, ...] = ()
    double: tuple[Any, ...] = ()
    restored: Callable[..., Any] = _nothing
    takes_sparse: Callable[..., Any] = lambda transformer: True
    gives_dense: bool = False
    refuses: Callable[..., Any] = lambda transformer, shape, is_sparse: None
    n_out: Callable[..., Any] = lambda transformer, shape: shape[1]

    @property
    def sklearn(self) -> Any:
        """The class of scikit-learn."""
        return getattr(import_module(self.module), self.name)

    def native_parameters(self, transformer: Any) -> Any:
        """All its parameters as the native class has them."""
        names = [name for name in self.parameters if hasattr(transformer, name)]
        values = {name: plain(getattr(transformer, name)) for name in names}
        for name in self.pairs:
            values |= self.native_pair(name, getattr(transformer, name))
        return values

    def native_pair(self, name: str, value: Any) -> Any:
        """The two native parameters of a pair."""
        first, second = value
        return dict(zip(self.pairs[name], (float(first), float(second)), strict=True))

    def figures(self, transformer: Any) -> Any:
        """The arrays that it has learnt, by attribute, and whether from float32."""
        check_is_fitted(transformer)
        arrays = {}
        for name in self.learnt:
            value = getattr(transformer, name, None)
            if value is None and name in self.unused:
                value = self.unused[name](transformer.n_features_in_)
            if value is None and name in self.optional:
                continue
            if value is None:
                raise NotFittedError(f"This {self.name} has no {name}: fit it first.")
            arrays[name] = np.atleast_1d(np.asarray(value, dtype=np.float64))
        own = [getattr(transformer, name, None) for name in self.learnt]
        return arrays, any(getattr(value, "dtype", None) == np.float32 for value in own)

    def restore(self, parameters: Any, learnt: Any, is_float32: bool) -> Any:
        """The transformer of which `native_parameters` and `figures` are these."""
        # An older scikit-learn has not all of them, and need not where they change nothing.
        kind = self.sklearn
        known = kind._parameter_constraints
        own = {name: parameters[name] for name in self.parameters}
        own = {name: value for name, value in own.items() if name in known or value}
        for name, natives in self.pairs.items():
            own[name] = tuple(parameters[native] for native in natives)
        transformer = kind(**own)
        for name, values in learnt.items():
            is_count = name.startswith("n_")
            is_narrow = is_float32 and not is_count and name not in self.double
            setattr(transformer, name, values.astype(np.float32 if is_narrow else np.float64))
        self.restored(transformer)
        return transformer


def _restored_standard(scaler: Any) -> None:
    scaler.n_features_in_ = len(scaler.scale_)
    if not scaler.with_std:
        scaler.var_ = scaler.scale_ = None
        scaler.mean_ = scaler.mean_ if scaler.with_mean else None
    _restore_count(scaler)


def _restored_min_max(scaler: Any) -> None:
    scaler.n_features_in_ = len(scaler.scale_)
    scaler.data_range_ = scaler.data_max_ - scaler.data_min_
    _restore_count(scaler)


def _restored_max_abs(scaler: Any) -> None:
    scaler.n_features_in_ = len(scaler.scale_)
    _restore_count(scaler)


def _restore_count(scaler: Any) -> None:
    """Counts of the type that this version of scikit-learn gives them; they are needed to refit."""
    counts = getattr(scaler, "n_samples_seen_", [0])
    own = clone(scaler).fit([[0.0], [1.0]]).n_samples_seen_
    if isinstance(own, int):
        scaler.n_samples_seen_ = int(counts[0])
    else:
        counts = np.array(counts, dtype=own.dtype)
        scaler.n_samples_seen_ = counts[0] if len(counts) == 1 else counts


def _restored_robust(scaler: Any) -> None:
    scaler.n_features_in_ = len(scaler.scale_)
    scaler.scale_ = scaler.scale_ if scaler.with_scaling else None
    scaler.center_ = scaler.center_ if scaler.with_centering else None


def _restored_normalizer(normalizer: Any) -> None:
    normalizer.n_features_in_ = int(normalizer.n_features_in_[0])


def _pca_solver(pca: Any, shape: Any, is_sparse: bool) -> Any:
    """What svd_solver comes to for samples of a shape: 'auto' by scikit-learn's rules."""
    n_samples, n_features = shape
    n_components = min(shape) if pca.n_components is None else pca.n_components
    if pca.svd_solver != "auto":
        return pca.svd_solver
    if is_sparse:
        return "arpack"
    if n_features <= 1000 and n_samples >= 10 * n_features:
        return "covariance_eigh"
    if max(shape) <= 500 or n_components == "mle":
        return "full"
    return "randomized" if 1 <= n_components < 0.8 * min(shape) else "full"


def _pca_refuses(pca: Any, shape: Any, is_sparse: bool) -> Any:
    if pca.svd_solver == "auto" and shape[1] is None:
        return "svd_solver='auto' depends on how many components the step before it keeps"
    solver = _pca_solver(pca, shape, is_sparse)
    if solver in ("full", "covariance_eigh"):
        return None
    return f"svd_solver={pca.svd_solver!r} comes to {solver!r} for samples of shape {shape}"


def _pca_n_out(pca: Any, shape: Any) -> Any:
    if pca.n_components is None:
        return None if shape[1] is None else min(shape)
    is_count = isinstance(pca.n_components, numbers.Integral)
    return int(pca.n_components) if is_count else None


def _restored_pca(pca: Any) -> None:
    pca.n_features_in_ = len(pca.mean_)
    is_given = pca.n_components is None or isinstance(pca.n_components, numbers.Integral)
    pca.n_components_ = (int if is_given else np.int64)(len(pca.components_))
    pca.n_samples_ = int(pca.n_samples_[0])
    is_whole = pca.n_components_ == min(pca.n_samples_, pca.n_features_in_)
    pca.noise_variance_ = 0.0 if is_whole else pca.noise_variance_[0]


#: The rows by the name of their class.
NATIVE_TRANSFORMERS = {
    row.name: row
    for row in (
        NativeTransformer(
            "sklearn.preprocessing",
            "StandardScaler",
            ("with_mean", "with_std"),
            learnt=("mean_", "var_", "scale_", "n_samples_seen_"),
            unused={"mean_": np.zeros, "var_": np.ones, "scale_": np.ones},
            optional=("n_samples_seen_",),
            restored=_restored_standard,
            takes_sparse=lambda scaler: not scaler.with_mean,
        ),
        NativeTransformer(
            "sklearn.preprocessing",
            "MinMaxScaler",
            ("clip",),
            pairs={"feature_range": ("low", "high")},
            learnt=("min_", "scale_", "data_min_", "data_max_", "n_samples_seen_"),
            optional=("n_samples_seen_",),
            restored=_restored_min_max,
            takes_sparse=lambda scaler: False,
        ),
        NativeTransformer(
            "sklearn.preprocessing",
            "MaxAbsScaler",
            ("clip",),
            learnt=("max_abs_", "scale_", "n_samples_seen_"),
            restored=_restored_max_abs,
        ),
        NativeTransformer(
            "sklearn.preprocessing",
            "RobustScaler",
            ("with_centering", "with_scaling", "unit_variance"),
            pairs={"quantile_range": ("quantile_low", "quantile_high")},
            learnt=("center_", "scale_"),
            unused={"center_": np.zeros, "scale_": np.ones},
            double=("scale_",),  # percentiles
            restored=_restored_robust,
            takes_sparse=lambda scaler: not scaler.with_centering,
        ),
        NativeTransformer(
            "sklearn.preprocessing",
            "Normalizer",
            ("norm",),
            learnt=("n_features_in_",),
            restored=_restored_normalizer,
        ),
        NativeTransformer(
            "sklearn.decomposition",
            "PCA",
            # The others are those of 'randomized' and 'arpack'.
            ("n_components", "whiten", "svd_solver"),
            learnt=(
                "components_",
                "mean_",
                "explained_variance_",
                "explained_variance_ratio_",
                "singular_values_",
                "noise_variance_",
                "n_samples_",
            ),
            restored=_restored_pca,
            takes_sparse=lambda pca: pca.svd_solver not in ("full", "randomized"),
            gives_dense=True,
            refuses=_pca_refuses,
            n_out=_pca_n_out,
        ),
    )
}


def row_of(transformer: Any) -> Any:
    """The row of its class, exactly; None if there is none."""
    row = NATIVE_TRANSFORMERS.get(type(transformer).__name__)
    return row if row is not None and type(transformer) is row.sklearn else None
