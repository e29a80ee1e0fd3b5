"""Samples arrive where they lie: no copy of C-ordered arrays, no dense copy of sparse matrices."""

import resource

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import sklearn.neural_network

import skarma
from skarma import _native

QUICK = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


class Recorder(_native.MLPRegressor):
    """Notes the samples that it is given."""

    def copy(self):  # of one that is not fitted
        return Recorder(self.parameters())

    def fit(self, x, *arguments):
        Recorder.fitted_on = x
        return super().fit(x, *arguments)

    def predict(self, x):
        Recorder.predicted_on = x
        return super().predict(x)


class RecordingRegressor(skarma.MLPRegressor):
    _native_class = Recorder


def data(dtype=np.float64):
    rng = np.random.RandomState(0)
    return rng.uniform(size=(50, 3)).astype(dtype), rng.uniform(size=50)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_c_ordered_samples_keep_their_address(dtype):
    X, y = data(dtype)
    model = RecordingRegressor(**QUICK).fit(X, y)
    model.predict(X)
    for seen in (Recorder.fitted_on, Recorder.predicted_on):
        assert seen.ctypes.data == X.ctypes.data
        assert seen.strides == X.strides


def test_the_native_fit_reads_the_memory_that_it_is_given():
    X, y = data()
    target = _native.Target.numbers(y)
    seed = 0

    def loss_curve(X, observer):
        model = _native.MLPRegressor({"hidden_layer_sizes": [4], "max_iter": 3})
        model.fit(X, target, None, [], seed, observer)
        return model.losses(0)

    def scale(n_iter, loss, score, lowered_rate):
        if n_iter == 1:
            np.multiply(changing, 100.0, out=changing)

    changing = X.copy()
    undisturbed = loss_curve(X, None)
    disturbed = loss_curve(changing, scale)
    assert disturbed[0] == undisturbed[0]
    assert disturbed[1] > 2 * undisturbed[1]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_frames_keep_the_names_of_their_columns(frame):
    X, y = data()
    table = frame({name: X[:, i] for i, name in enumerate("abc")})
    model = skarma.MLPRegressor(**QUICK).fit(table, y)
    if not hasattr(sklearn.neural_network.MLPRegressor(**QUICK).fit(table, y), "feature_names_in_"):
        pytest.skip("this scikit-learn does not see the names of such a frame")
    assert list(model.feature_names_in_) == ["a", "b", "c"]
    plain = skarma.MLPRegressor(**QUICK).fit(X, y)
    np.testing.assert_array_equal(model.predict(table), plain.predict(X))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(X)
    with pytest.raises(ValueError, match="The feature names should match"):
        model.predict(frame({name: X[:, i] for i, name in enumerate("abd")}))


def test_lists_and_other_orders_of_memory():
    X, y = data()
    expected = skarma.MLPRegressor(**QUICK).fit(X, y).predict(X)
    for other in (X.tolist(), np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2], X.astype(object)):
        model = skarma.MLPRegressor(**QUICK).fit(other, list(y))
        np.testing.assert_array_equal(model.predict(other), expected)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("make", [scipy.sparse.csr_matrix, scipy.sparse.csr_array])
def test_sparse_samples_are_not_made_dense(solver, make):
    n_samples, n_features = 4000, 250_000  # 8 GB if it were dense
    columns = np.random.RandomState(0).randint(n_features, size=3 * n_samples)
    X = make((np.ones(columns.size), columns, np.arange(0, columns.size + 1, 3)))
    X.resize(n_samples, n_features)
    y = np.arange(n_samples) % 2
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    model = skarma.MLPClassifier(**QUICK, solver=solver).fit(X, y)
    assert model.predict(X).shape == (n_samples,)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 1_000_000  # KiB


def test_indices_of_any_width_are_read():
    X, y = data()
    X[X < 0.5] = 0.0
    sparse = scipy.sparse.csr_matrix(X)
    wide = sparse.copy()
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    expected = skarma.MLPRegressor(**QUICK).fit(sparse, y).predict(sparse)
    np.testing.assert_array_equal(skarma.MLPRegressor(**QUICK).fit(wide, y).predict(wide), expected)


def test_values_of_a_sparse_matrix_may_have_gaps():
    X, y = data()
    plain = scipy.sparse.csr_matrix(X)
    values = np.repeat(plain.data, 2)[::2]
    assert not values.flags.c_contiguous
    gaps = scipy.sparse.csr_matrix((values, plain.indices, plain.indptr), copy=False)
    expected = skarma.MLPRegressor(**QUICK).fit(plain, y).coefs_[0]
    np.testing.assert_array_equal(skarma.MLPRegressor(**QUICK).fit(gaps, y).coefs_[0], expected)


def test_a_sparse_matrix_that_contradicts_itself_is_refused():
    X, y = data()
    broken = scipy.sparse.csr_matrix(X)
    broken.indices = broken.indices + 7
    model = _native.MLPRegressor({})
    with pytest.raises(ValueError, match="outside of the 3 columns"):
        model.fit(broken, _native.Target.numbers(y), None, [], 0, None)
