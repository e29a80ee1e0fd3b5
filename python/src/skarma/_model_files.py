"""Model files: what C++, the command line and Python save, each of them loads."""

import os

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skarma import _native
from skarma._mlp import MLPClassifier, MLPRegressor


def _mlp(native):
    kind = MLPClassifier if isinstance(native, _native.MLPClassifier) else MLPRegressor
    return kind._of_native(native)


def _scaler(kind, parameters, learnt, mlp):
    if kind == "StandardScaler":
        scaler = StandardScaler(**parameters)
    else:
        low, high, clip = (parameters[name] for name in ("low", "high", "clip"))
        scaler = MinMaxScaler((low, high), clip=clip)
    for name, values in learnt.items():
        setattr(scaler, name, np.array(values))
    if kind == "MinMaxScaler":
        scaler.data_range_ = scaler.data_max_ - scaler.data_min_
    scaler.n_features_in_ = mlp.n_features_in_
    if hasattr(mlp, "feature_names_in_"):
        scaler.feature_names_in_ = mlp.feature_names_in_
    return scaler


def load(path):
    """Load a fitted model from a model file.

    Parameters
    ----------
    path : str or path-like
        A file that `save`, the C++ library or the command line has written.

    Returns
    -------
    model : MLPClassifier, MLPRegressor or Pipeline
        The fitted model; a scikit-learn `Pipeline` if the file holds scalers. It predicts, and goes
        on training where it left off.

    Raises
    ------
    RuntimeError
        If the file cannot be read or is not a model; nothing in it is ever executed.

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
        (step, _scaler(kind, parameters, learnt, mlp)) for step, kind, parameters, learnt in scalers
    ]
    if steps and hasattr(mlp, "feature_names_in_"):
        # The scalers hand over arrays without names.
        del mlp.feature_names_in_
    return Pipeline([*steps, (name, mlp)])
