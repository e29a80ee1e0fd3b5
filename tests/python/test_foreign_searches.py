"""Searches and cross-validations over arrays of other libraries are those over NumPy's."""

import os
import subprocess
import sys

import numpy as np
import pytest
from foreign_arrays import CPU, LIBRARIES, GpuArray, back, library
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PowerTransformer, StandardScaler

import skarma
from skarma._host_data import host_data
from skarma.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:The scoring .* does not support sample_weight"),
]

X, Y = load_iris(return_X_y=True)
X32 = X.astype(np.float32)
WEIGHTS = np.linspace(0.5, 2.0, len(X))
NETWORK = skarma.MLPClassifier(hidden_layer_sizes=(5,), max_iter=5, random_state=0)
PIPELINE = make_pipeline(StandardScaler(), clone(NETWORK))


class Subclass(skarma.MLPClassifier):
    """It may do anything with samples."""


def own_score(model, X, y):
    """No name of a scorer, so that scikit-learn's path is taken."""
    return model.score(X, y)


@pytest.fixture(params=LIBRARIES)
def of(request):
    return library(request.param)


def without_times(results):
    return {name: value for name, value in results.items() if "time" not in name}


@pytest.mark.parametrize("prefix", ["", "mlpclassifier__"], ids=["network", "pipeline"])
@pytest.mark.parametrize("scoring", ["accuracy", own_score])
def test_a_search(of, prefix, scoring):
    estimator = PIPELINE if prefix else NETWORK
    search = GridSearchCV(estimator, {f"{prefix}alpha": [0.1, 1.0]}, cv=3, scoring=scoring)
    x, y, weights = (back(of(array)) for array in (X32, Y, WEIGHTS))
    expected = clone(search).fit(x, y, **{f"{prefix}sample_weight": weights})
    found = clone(search).fit(of(x), of(y), **{f"{prefix}sample_weight": of(weights)})
    assert found.search_path_ == expected.search_path_
    np.testing.assert_equal(without_times(found.cv_results_), without_times(expected.cv_results_))
    assert found.score(of(x), of(y)) == expected.score(x, y)
    best = found.best_estimator_
    assert type((best[-1] if prefix else best).predict(of(x))) is type(of(x))


def test_a_search_copies_once():
    samples = GpuArray(X)
    search = RandomizedSearchCV(NETWORK, {"alpha": [1.0]}, n_iter=1)
    search.fit(samples, GpuArray(Y))
    assert search.search_path_ == "native"
    assert samples.asked == [(CPU, True)]


@pytest.mark.parametrize("scoring", ["accuracy", own_score])
def test_cross_validations(of, scoring):
    def results(x, y, groups, weights):
        options = {"groups": groups, "params": {"sample_weight": weights}, "cv": GroupKFold(4)}
        scores = cross_val_score(NETWORK, x, y, scoring=scoring, **options)
        predictions = cross_val_predict(NETWORK, x, y, **options)
        all_scores = cross_validate(NETWORK, x, y, scoring=scoring, **options)
        return {**without_times(all_scores), "scores": scores, "predictions": predictions}

    data = [back(of(array)) for array in (X32, Y, np.arange(len(Y)) % 4, WEIGHTS)]
    found = results(*map(of, data))
    np.testing.assert_equal(found, results(*data))
    assert {type(result) for result in found.values()} == {np.ndarray}


OTHERS = [Ridge(), make_pipeline(PowerTransformer(), NETWORK), Pipeline([]), Subclass()]


@pytest.mark.parametrize("estimator", OTHERS, ids=["ridge", "scaler", "no steps", "subclass"])
def test_estimators_that_may_take_them_get_them(estimator):
    data = GpuArray(X), GpuArray(Y), GpuArray(Y), {"sample_weight": GpuArray(WEIGHTS)}
    assert all(a is b for a, b in zip(host_data(estimator, *data), data, strict=True))


DISPATCHED = """
import warnings
import array_api_strict
import sklearn.model_selection
from sklearn import set_config
from sklearn.datasets import load_iris
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV

warnings.simplefilter("ignore")
set_config(array_api_dispatch=True)
X, y = map(array_api_strict.asarray, load_iris(return_X_y=True))
kind, network = type(X), MLPClassifier((5,), max_iter=5, random_state=0)
assert type(network.fit(X, y).predict(X)) is kind
assert network.score(X, y) > 0
assert GridSearchCV(network, {"alpha": [0.1]}).fit(X, y).search_path_ == "native"
for search in (GridSearchCV, sklearn.model_selection.GridSearchCV):
    assert search(network, {"alpha": [0.1]}, error_score="raise").fit(X, y).score(X, y) > 0
ridge = GridSearchCV(Ridge(solver="svd"), {"alpha": [0.1]}, error_score="raise").fit(X, X[:, 0])
assert type(ridge.best_estimator_.coef_) is kind
pipeline = GridSearchCV(
    make_pipeline(MinMaxScaler(), network), {"mlpclassifier__alpha": [0.1]}, error_score="raise"
)
assert type(pipeline.fit(X, y).best_estimator_[0].data_max_) is kind
assert type(pipeline.predict(X)) is kind
"""


def test_scikit_learns_array_api_dispatch_goes_on():
    library("array_api_strict")
    pytest.importorskip("scipy", "1.14", reason="this SciPy has no array API: it is NOT tested")
    environment = os.environ | {"SCIPY_ARRAY_API": "1"}
    subprocess.run([sys.executable, "-c", DISPATCHED], env=environment, check=True)
