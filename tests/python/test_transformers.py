"""scikit-learn's transformers before our networks: native in searches, and in model files."""

import numpy as np
import pytest
import scipy.sparse
from same_search import assert_same_search, small
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    RobustScaler,
    StandardScaler,
)

import skarma
from skarma._transformers import NATIVE_TRANSFORMERS
from skarma.model_selection import GridSearchCV

X, Y = load_breast_cancer(return_X_y=True)
SPARSE = scipy.sparse.csr_array(np.where(X > X.mean(axis=0), X, 0.0))

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

TRANSFORMERS = [
    MaxAbsScaler(),
    RobustScaler(),
    RobustScaler(with_centering=False, quantile_range=(10.0, 80.0), unit_variance=True),
    RobustScaler(with_scaling=False),
    Normalizer(),
    Normalizer("l1"),
    Normalizer("max"),
]
TAKE_SPARSE = [
    StandardScaler(with_mean=False),
    MaxAbsScaler(),
    RobustScaler(with_centering=False),
    Normalizer("l1"),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_searches_are_native_and_scikit_learns(transformer, dtype):
    tolerance = {"rtol": 1e-9} if dtype == np.float64 else {"rtol": 2e-2}
    ours, theirs = (
        search(make_pipeline(clone(transformer), small(module)), {}, cv=3).fit(X.astype(dtype), Y)
        for module, search in ((skarma, GridSearchCV), (skarma, SklearnsPath))
    )
    assert (ours.search_path_, theirs.search_path_) == ("native", "asked for")
    for key in ("mean_test_score", "std_test_score"):
        np.testing.assert_allclose(ours.cv_results_[key], theirs.cv_results_[key], **tolerance)


class SklearnsPath(GridSearchCV):
    """The same search on scikit-learn's path."""

    def _native_search(self, X, y, params):
        raise skarma._native_search.NotNative("asked for")


def test_their_parameters_are_searched_natively():
    assert_same_search(
        lambda module: make_pipeline(RobustScaler(), Normalizer(), small(module)),
        {
            "robustscaler__quantile_range": [(25.0, 75.0), (5, 99)],
            "robustscaler__with_centering": [False, True],
            "normalizer__norm": ["l1", "max"],
        },
        (X, Y),
        cv=2,
    )


@pytest.mark.parametrize("make", [scipy.sparse.csr_array, scipy.sparse.csc_array])
@pytest.mark.parametrize("transformer", TAKE_SPARSE, ids=str)
def test_sparse_samples_stay_so_in_a_search(transformer, make):
    def pipeline(module):
        return make_pipeline(clone(transformer), small(module))

    assert_same_search(pipeline, {"mlpclassifier__alpha": [0.1, 1.0]}, (make(SPARSE), Y), cv=3)


@pytest.mark.parametrize("scaler", [StandardScaler(), RobustScaler(), MinMaxScaler()], ids=str)
def test_what_takes_no_sparse_samples_is_said(scaler):
    search = GridSearchCV(make_pipeline(scaler, small(skarma)), {}, cv=2)
    with pytest.raises(ValueError, match="fits failed"):
        search.fit(SPARSE, Y)
    search.estimator.steps[0] = ("s", StandardScaler(with_mean=False))
    search.set_params(param_grid={"s__with_mean": [False, True]}, error_score=0.0)
    with pytest.warns(Warning, match="fits failed"):
        search.fit(SPARSE, Y)
    assert search.search_path_.startswith("X is sparse, which the step 's' does not take")


def _learnt(transformer):
    return {name: value for name, value in vars(transformer).items() if name.endswith("_")}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("transformer", TRANSFORMERS + TAKE_SPARSE, ids=str)
def test_a_file_gives_back_scikit_learns_own(transformer, dtype, tmp_path):
    """All that was learnt, down to its types, and what comes of it."""
    model = make_pipeline(clone(transformer), small(skarma)).fit(X.astype(dtype), Y)
    skarma.save(model, tmp_path / "m")
    loaded = skarma.load(tmp_path / "m")
    own, back = model[0], loaded[0]
    assert type(back) is type(own)
    assert back.get_params() == own.get_params()
    assert _learnt(back).keys() == _learnt(own).keys()
    for name, value in _learnt(own).items():
        other = getattr(back, name)
        assert type(other) is type(value), name
        assert getattr(other, "dtype", None) == getattr(value, "dtype", None), name
        np.testing.assert_array_equal(other, value)
    np.testing.assert_array_equal(
        loaded.predict_proba(X.astype(dtype)), model.predict_proba(X.astype(dtype))
    )


def test_a_step_that_is_not_fitted_is_not_saved(tmp_path):
    model = make_pipeline(Normalizer(), small(skarma).fit(X, Y))
    with pytest.raises(NotFittedError, match="Normalizer has no n_features_in_"):
        skarma.save(model, tmp_path / "m")


def test_rows_are_what_the_native_library_has():
    for kind, row in NATIVE_TRANSFORMERS.items():
        skarma._native.check_transformer(kind.__name__, row.native_parameters(kind()))
    with pytest.raises(ValueError, match="There is no transformer 'PowerTransformer'"):
        skarma._native.check_transformer("PowerTransformer", {})
