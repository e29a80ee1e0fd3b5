"""Model files: what C++, the command line and Python save, each of them loads."""

import os

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted

from skarma import _native
from skarma._mlp import MLPClassifier, MLPRegressor
from skarma._native_search import NotNative, Steps


def _mlp(native):
    kind = MLPClassifier if isinstance(native, _native.MLPClassifier) else MLPRegressor
    return kind._of_native(native)


def _scaler(kind, parameters, learnt, n_features):
    if kind == "StandardScaler":
        scaler = StandardScaler(**parameters)
    else:
        low, high, clip = (parameters[name] for name in ("low", "high", "clip"))
        scaler = MinMaxScaler((low, high), clip=clip)
    dtype = np.float32 if learnt.pop("learnt_float32", False) else np.float64
    counts = learnt.pop("n_samples_seen_")
    for name, values in learnt.items():
        setattr(scaler, name, np.array(values, dtype=dtype))
    if kind == "StandardScaler" and not scaler.with_std:
        scaler.var_ = scaler.scale_ = None
        scaler.mean_ = scaler.mean_ if scaler.with_mean else None
    if kind == "MinMaxScaler":
        scaler.data_range_ = scaler.data_max_ - scaler.data_min_
    scaler.n_samples_seen_ = _n_samples_seen(scaler, counts or [0])
    scaler.n_features_in_ = n_features
    return scaler


def _n_samples_seen(scaler, counts):
    """Counts of the type that this version of scikit-learn gives them; they are needed to refit."""
    own = clone(scaler).fit([[0.0], [1.0]]).n_samples_seen_
    if isinstance(own, int):
        return int(counts[0])
    counts = np.array(counts, dtype=own.dtype)
    return counts[0] if len(counts) == 1 else counts


_LEARNT = {
    StandardScaler: ("mean_", "var_", "scale_"),
    MinMaxScaler: ("min_", "scale_", "data_min_", "data_max_"),
}


def _learnt_by(scaler):
    """The figures of a fitted scaler; those that it did not need are 0 and 1."""
    unused = {"mean_": np.zeros, "var_": np.ones, "scale_": np.ones}
    learnt = {}
    for name in _LEARNT[type(scaler)]:
        values = getattr(scaler, name)
        values = unused[name](scaler.n_features_in_) if values is None else values
        learnt[name] = np.asarray(values, dtype=np.float64)
    counts = getattr(scaler, "n_samples_seen_", [])
    learnt["n_samples_seen_"] = np.atleast_1d(np.asarray(counts, dtype=np.float64))
    learnt["learnt_float32"] = getattr(scaler.scale_, "dtype", None) == np.float32
    return learnt


def save(model, path):
    """Write a fitted model to a model file, which C++, the command line and Python load.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor or Pipeline
        The fitted model; a pipeline may have scikit-learn's own `StandardScaler` and `MinMaxScaler`
        before the network.

    path : str or path-like
        The file; it appears whole or not at all. Links are written through, permissions of an older
        file are kept.

    Raises
    ------
    TypeError
        If the model is of another kind.
    NotFittedError
        If the model is not fitted.
    ValueError
        If the labels are neither numbers nor strings, or the steps do not fit together.
    OSError
        If the file cannot be written, or is a device, a pipe or a socket: the errors of `open`.

    Examples
    --------
    >>> import tempfile, skarma
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = skarma.MLPClassifier(solver="lbfgs", hidden_layer_sizes=(4,), random_state=0)
    >>> model = make_pipeline(StandardScaler(), mlp).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     skarma.save(model, folder + "/iris.safetensors")
    ...     loaded = skarma.load(folder + "/iris.safetensors")
    >>> bool((loaded.predict(X) == model.predict(X)).all())
    True
    """
    try:
        steps = Steps(model)
    except NotNative as reason:
        raise TypeError(f"A model file cannot hold this model: {reason}.") from None
    native = steps.mlp._model_to_save()
    for name, scaler in steps.scalers:
        check_is_fitted(scaler)
        if scaler.n_features_in_ != native.n_features_in:
            raise ValueError(
                f"The step {name} was fitted to {scaler.n_features_in_} features, the network to "
                f"{native.n_features_in}."
            )
    if steps.scalers:
        native.set_feature_names(list(getattr(steps.scalers[0][1], "feature_names_in_", [])))
    scalers = [
        (*row, _learnt_by(scaler))
        for row, (_, scaler) in zip(steps.native_scalers(), steps.scalers, strict=True)
    ]
    _native.save_model(scalers, steps.mlp_name, native, os.fspath(path))


def load(path):
    """Load a fitted model from a model file.

    Parameters
    ----------
    path : str or path-like
        A file that `save`, the C++ library or the command line has written.

    Returns
    -------
    model : MLPClassifier, MLPRegressor or Pipeline
        The fitted model; a scikit-learn `Pipeline` if the file holds scalers. It predicts, and the
        network goes on training where it left off. (The `partial_fit` of a `StandardScaler` from an
        older file starts afresh.)

    Raises
    ------
    OSError
        If the file cannot be read: FileNotFoundError, PermissionError ..., as from `open`.
    RuntimeError
        If it is not a model; nothing in it is ever executed.

    Examples
    --------
    >>> import tempfile, skarma
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = skarma.MLPClassifier(solver="lbfgs", hidden_layer_sizes=(4,), random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.fit(X, y).save(folder + "/iris.safetensors")
    ...     loaded = skarma.load(folder + "/iris.safetensors")
    >>> bool((loaded.predict(X) == model.predict(X)).all())
    True
    """
    scalers, name, native = _native.load_model(os.fspath(path))
    mlp = _mlp(native)
    if not name:
        return mlp
    steps = [
        (step, _scaler(kind, parameters, learnt, mlp.n_features_in_))
        for step, kind, parameters, learnt in scalers
    ]
    if steps and hasattr(mlp, "feature_names_in_"):
        # The scalers hand over arrays without names.
        steps[0][1].feature_names_in_ = mlp.feature_names_in_
        del mlp.feature_names_in_
    return Pipeline([*steps, (name, mlp)])
