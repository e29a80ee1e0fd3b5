"""device='reference' is the same estimator, computed formula by formula."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_iris

import skarma
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)
NUMBERS = X[:, 0]

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def pairs():
    common = {"hidden_layer_sizes": (5, 4), "max_iter": 6, "random_state": 1}
    for solver in ("lbfgs", "sgd", "adam", "rmsprop", "adamw"):
        yield skarma.MLPClassifier(solver=solver, **common), Y
        yield skarma.MLPRegressor(solver=solver, activation="tanh", **common), NUMBERS
    yield skarma.MLPClassifier(early_stopping=True, **common), Y
    yield skarma.MLPRegressor(loss="huber", dtype="float32", **common), NUMBERS


@pytest.mark.parametrize(("network", "y"), pairs(), ids=repr)
def test_the_reference_is_the_same_estimator(network, y):
    reference = clone(network).set_params(device="reference").fit(X, y)
    network.fit(X, y)
    tolerance = 1e-9 if network.dtype is None else 1e-3
    assert reference.loss_ == pytest.approx(network.loss_, rel=tolerance)
    for ours, theirs in zip(network.coefs_, reference.coefs_, strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=tolerance, atol=tolerance)
    for samples in (X, csr_matrix(X), X[:1].astype(np.float32)):
        expected, found = network.predict(samples), reference.predict(samples)
        np.testing.assert_allclose(found, expected, rtol=tolerance)


def test_its_predictions_are_its_own():
    """Other sums, other last bits: what fell back to the CPU would have its."""
    network = skarma.MLPRegressor(hidden_layer_sizes=(90,), max_iter=5, random_state=0)
    network.fit(X, NUMBERS)
    reference = skarma.MLPRegressor(
        hidden_layer_sizes=(90,), max_iter=5, random_state=0, device="reference"
    ).fit(X, NUMBERS)
    assert not np.array_equal(network.predict(X), reference.predict(X))


def test_it_is_kept_and_searched_over(tmp_path):
    network = skarma.MLPClassifier((4,), max_iter=5, random_state=0, device="reference").fit(X, Y)
    skarma.save(network, tmp_path / "model")
    loaded = skarma.load(tmp_path / "model")
    assert loaded.device == "reference"
    np.testing.assert_array_equal(loaded.predict_proba(X), network.predict_proba(X))
    search = GridSearchCV(network, {"device": ["cpu", "reference"]}, cv=3).fit(X, Y)
    assert search.search_path_ == "native"
    scores = search.cv_results_["mean_test_score"]
    assert scores[0] == pytest.approx(scores[1])


def test_it_refuses_what_is_not_finite_behind_a_scaler():
    network = skarma.MLPRegressor(dtype="float32", device="reference", max_iter=2)
    network.fit(X, NUMBERS)
    with pytest.raises(ValueError, match="infinity|too large|not finite"):
        network.predict(np.full((1, 4), 1e300))
