"""The data of a search or a cross-validation, brought to this processor once."""

from __future__ import annotations

from typing import Any

from sklearn import get_config

from skarma._fallback import NotNative, judged_by_sklearn
from skarma._foreign_arrays import on_host
from skarma._native_search import Steps


def _computes_on_host(estimator: Any) -> Any:
    """Whether every fit of this estimator would bring arrays of other libraries to NumPy."""
    try:
        with judged_by_sklearn():
            transformers = Steps(estimator).transformers
    except NotNative:
        return False
    return not transformers or not get_config()["array_api_dispatch"]


def host_data(estimator: Any, X: Any, y: Any, groups: Any, params: Any) -> Any:
    """X, y, groups and the arrays in a dict of parameters, or None, as NumPy's, where the estimator
    is a network of skarma, or one behind transformers that do not compute on arrays of other
    libraries.
    """
    if not _computes_on_host(estimator):
        return X, y, groups, params
    if params:
        params = {name: on_host(value, name) for name, value in params.items()}
    return on_host(X, "X"), on_host(y, "y"), on_host(groups, "groups"), params
