"""Model files: what C++, the command line and Python save, each of them loads."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from skarma import _native
from skarma._fallback import NotNative
from skarma._mlp import MLPClassifier, MLPRegressor
from skarma._native_search import Steps
from skarma._transformers import NATIVE_TRANSFORMERS, row_of


def _mlp(native: Any) -> Any:
    kind = MLPClassifier if isinstance(native, _native.MLPClassifier) else MLPRegressor
    return kind._of_native(native)


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted model to a model file, which C++, the command line and Python load.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor, Pipeline or nn.Sequential
        The fitted model; a pipeline may have scikit-learn's own `StandardScaler`, `MinMaxScaler`,
        `MaxAbsScaler`, `RobustScaler`, `Normalizer` and `PCA` before the network. Of a PCA's
        parameters `n_components`, `whiten` and `svd_solver` are kept.

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
    from skarma.nn.sequential import Sequential  # most programs do without

    if isinstance(model, Sequential):
        return model.save(path)
    try:
        steps = Steps(model)
    except NotNative as reason:
        raise TypeError(f"A model file cannot hold this model: {reason}.") from None
    native = steps.mlp._model_to_save()
    learnt = [row_of(step).figures(step) for _, step in steps.transformers]
    _check_widths(steps, native.n_features_in)
    names = []
    if steps.transformers:
        first = steps.transformers[0][1]
        names = list(getattr(first, "feature_names_in_", []))
        if first.n_features_in_ == native.n_features_in:
            native.set_feature_names(names)
            names = []
    transformers = [
        (*row, *figures) for row, figures in zip(steps.native_transformers(), learnt, strict=True)
    ]
    _native.save_model(transformers, steps.mlp_name, native, names, os.fspath(path))


def _check_widths(steps: Any, n_features: int) -> None:
    """Raise ValueError unless each step takes as many features as the one before it gives."""
    taker = steps.mlp_name
    for name, transformer in reversed(steps.transformers):
        n_out = getattr(transformer, "n_components_", transformer.n_features_in_)
        if n_out != n_features:
            raise ValueError(
                f"The step {name} gives {n_out} features, and {taker} takes {n_features}."
            )
        taker, n_features = name, transformer.n_features_in_


def load(path: str | os.PathLike[str]) -> Any:
    """Load a fitted model from a model file.

    Parameters
    ----------
    path : str or path-like
        A file that `save`, the C++ library or the command line has written.

    Returns
    -------
    model : MLPClassifier, MLPRegressor, Pipeline or nn.Sequential
        The fitted model; a scikit-learn `Pipeline` if the file holds transformers. It predicts, and
        the network goes on training where it left off. (The `partial_fit` of a `StandardScaler`
        from an older file starts afresh.)

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
    transformers, name, native, names = _native.load_model(os.fspath(path))
    if isinstance(native, _native.Sequential):
        from skarma.nn.sequential import Sequential

        return Sequential._of_native(native)
    mlp = _mlp(native)
    if not name:
        return mlp
    steps = [
        (step, NATIVE_TRANSFORMERS[kind].restore(parameters, learnt, is_float32))
        for step, kind, parameters, learnt, is_float32 in transformers
    ]
    if steps and hasattr(mlp, "feature_names_in_"):
        # The transformers hand over arrays without names.
        names = mlp.feature_names_in_
        del mlp.feature_names_in_
    if len(names) > 0:
        steps[0][1].feature_names_in_ = np.asarray(names, dtype=object)
    return Pipeline([*steps, (name, mlp)])
