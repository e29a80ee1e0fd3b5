"""device='reference' is the same estimator, formula by formula; a library brings other devices."""

import os
import pickle
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
from plugins import CPU_PLUGIN, needs_plugins
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler

import skarma
from skarma.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score, cross_validate

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


# ---- names


def small(**parameters):
    return skarma.MLPClassifier((4,), max_iter=5, random_state=0, **parameters)


@pytest.mark.parametrize(
    "device", ["gpu", "CUDA", "cuda:", "cuda:-1", "cuda:x", "cuda:N", "cuda:01"]
)
def test_other_names_are_refused(device):
    names = "{'cpu', 'cuda', 'cuda:N', 'cuda-host', 'auto', 'reference'}"
    message = f"parameter of MLPClassifier must be a str among {names}. Got {device!r} instead."
    with pytest.raises(ValueError, match=re.escape(message)):
        small(device=device)._validate_params()


def test_what_computed_a_fit_is_an_attribute():
    assert small().fit(X, Y).device_ == "cpu"
    assert small(device="auto").fit(X, Y).device_ == "cpu"
    assert small(device="reference").fit(X, Y).device_ == "reference"
    assert not hasattr(clone(small().fit(X, Y)), "device_")
    assert not hasattr(small().fit(X, Y).to_sklearn(), "device_")


class Unlike(skarma.MLPClassifier):
    """What scikit-learn's code trains, for its own part of it."""

    def _init_coef(self, *arguments):
        return super()._init_coef(*arguments)


@needs_plugins
def test_scikit_learns_code_trains_on_the_processor(with_gpus):
    assert Unlike((4,), max_iter=5, device="auto").fit(X, Y).device_ == "cpu"
    with pytest.raises(ValueError, match="device='cuda' is skarma's own"):
        Unlike((4,), max_iter=5, device="cuda").fit(X, Y)


# ---- a library brings two GPUs, in name


@pytest.fixture
def with_gpus(monkeypatch):
    """From the first of these tests on: a library stays open."""
    monkeypatch.setenv("SKARMA_GPU_PLUGIN", str(CPU_PLUGIN))


ABSENT = "device='cuda:2' cannot be used here. The last GPU here is 'cuda:1'."


def absent():
    return pytest.raises(skarma.DeviceError, match=re.escape(ABSENT))


def same_weights(network, other):
    return all(map(np.array_equal, network.coefs_, other.coefs_))


@needs_plugins
@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
@pytest.mark.parametrize(
    ("device", "name"), [("cuda", "cuda:0"), ("cuda:1", "cuda:1"), ("cuda-host", "cuda-host")]
)
def test_a_device_of_a_library_computes(device, name, solver, with_gpus, tmp_path):
    cpu, network = (small(solver=solver, device=d).fit(X, Y) for d in ("cpu", device))
    assert network.device_ == name
    assert same_weights(network, cpu)
    np.testing.assert_array_equal(network.predict_proba(X), cpu.predict_proba(X))
    skarma.save(network, tmp_path / "model")
    for copy in (skarma.load(tmp_path / "model"), pickle.loads(pickle.dumps(network))):
        assert (copy.device, copy.device_) == (device, name)
        np.testing.assert_array_equal(copy.predict_proba(X), cpu.predict_proba(X))


@needs_plugins
def test_a_network_made_of_attributes_knows_its_device(with_gpus, tmp_path):
    network = small(device="cuda:1").fit(X, Y)
    del network._model
    skarma.save(network, tmp_path / "model")
    assert skarma.load(tmp_path / "model").device_ == "cuda:1"


@needs_plugins
def test_a_fit_never_falls_back_and_a_prediction_does(with_gpus):
    network = small(device="cuda").fit(X, Y)
    expected = network.predict_proba(X)
    network.set_params(device="cuda:2")
    np.testing.assert_array_equal(network.predict_proba(X), expected)
    for fit in (network.fit, network.partial_fit):
        with absent():
            fit(np.full_like(X, np.nan), Y)  # which is not looked at
    assert network.device_ == "cuda:0"


def test_predictions_go_by_the_device_of_now():
    network = skarma.MLPRegressor(hidden_layer_sizes=(90,), max_iter=5, random_state=0).fit(
        X, NUMBERS
    )
    on_cpu = network.predict(X)
    on_reference = network.set_params(device="reference").predict(X)
    assert not np.array_equal(on_reference, on_cpu)
    np.testing.assert_allclose(on_reference, on_cpu)
    assert network.device_ == "cpu"
    with pytest.raises(ValueError, match="'device' parameter of MLPRegressor must be a str among"):
        network.set_params(device="gpu").predict(X)
    np.testing.assert_array_equal(network.set_params(device="cpu").predict(X), on_cpu)


@needs_plugins
def test_a_search_goes_over_devices(with_gpus):
    devices = ["cpu", "cuda", "cuda:1", "cuda-host"]
    search = GridSearchCV(small(device="cuda:2"), {"device": devices}, cv=3).fit(X, Y)
    assert search.search_path_ == "native"
    assert len(set(search.cv_results_["mean_test_score"])) == 1


@needs_plugins
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_searches_over_all_gpus_have_the_processors_scores(n_jobs, with_gpus):
    def scores(device):
        search = GridSearchCV(
            small(device=device), {"alpha": [0.1, 1, 10]}, cv=3, n_jobs=n_jobs
        ).fit(X, Y)
        assert search.search_path_ == "native"
        assert search.best_estimator_.device_ == ("cuda:0" if device == "cuda" else "cpu")
        results = cross_validate(small(device=device), X, Y, n_jobs=n_jobs, return_estimator=True)
        devices = {network.device_ for network in results["estimator"]}
        assert devices <= ({"cuda:0", "cuda:1"} if device == "cuda" else {"cpu"})
        assert {network.device for network in results["estimator"]} == {device}
        return [search.cv_results_["mean_test_score"], results["test_score"]]

    for ours, theirs in zip(scores("cuda"), scores("cpu"), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@needs_plugins
def test_fits_of_a_search_over_all_gpus_draw_in_turns_where_they_share_a_generator(with_gpus):
    def results(device):
        np.random.seed(3)
        network = small(device=device).set_params(random_state=None, max_iter=100)
        search = GridSearchCV(network, {"alpha": [0.1, 1, 10]}, cv=5, scoring="neg_log_loss")
        return search.fit(X, Y).cv_results_["mean_test_score"]

    np.testing.assert_array_equal(results("cuda"), results("cpu"))


def accuracy(network, X, y):
    """A callable, which native searches do not know."""
    return network.score(X, y)


@needs_plugins
@pytest.mark.parametrize("scoring", ["accuracy", accuracy])
def test_a_search_fails_once_where_a_device_is_not_there(scoring, with_gpus):
    network, grid = small(), {"device": ["cpu", "cuda:2"]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of failed fits
        for search in (
            GridSearchCV(network, grid, scoring=scoring, cv=3),
            RandomizedSearchCV(network, grid, n_iter=2, scoring=scoring, cv=3, random_state=0),
            GridSearchCV(small(device="cuda:2"), {"alpha": [1, 2]}, scoring=scoring, cv=3),
            GridSearchCV(
                make_pipeline(RobustScaler(), network),
                {"mlpclassifier": [small(device="cuda:2")]},
                scoring=scoring,
            ),
            GridSearchCV(
                make_pipeline(RobustScaler(), network),
                {"mlpclassifier__device": ["cuda:2"]},
                scoring=scoring,
            ),
        ):
            with absent():
                search.fit(X, Y)
        for validate in (cross_validate, cross_val_score):
            with absent():
                validate(small(device="cuda:2"), X, Y, scoring=scoring)


@needs_plugins
def test_a_network_that_candidates_replace_needs_no_device(with_gpus):
    steps = make_pipeline(RobustScaler(), small(device="cuda:2"))
    search = GridSearchCV(steps, {"mlpclassifier": [small()]}, cv=3).fit(X, Y)
    assert search.best_estimator_[-1].device_ == "cpu"


# ---- there is no library

WITHOUT_LIBRARY = """
import pickle, sys
import numpy as np
import skarma
from sklearn.datasets import load_iris
X, y = load_iris(return_X_y=True)
with open(sys.argv[1], "rb") as file:
    network, expected = pickle.load(file)
assert (network.device, network.device_) == ("cuda", "cuda:0")
assert np.array_equal(network.predict_proba(X), expected)
assert np.array_equal(skarma.load(sys.argv[2]).predict_proba(X), expected)
large = skarma.MLPClassifier((1000,), max_iter=1, device="auto").fit(np.tile(X, (1, 30)), y)
assert large.device_ == "cpu"
try:
    network.fit(X, y)
except skarma.DeviceError as error:
    assert isinstance(error, RuntimeError)
    print(type(error).__module__, error)
"""


@needs_plugins
def test_a_network_of_a_gpu_predicts_where_there_is_none(with_gpus, tmp_path):
    network = small(device="cuda").fit(X, Y)
    files = tmp_path / "pickle", tmp_path / "model"
    files[0].write_bytes(pickle.dumps((network, network.predict_proba(X))))
    skarma.save(network, files[1])
    environment = {name: os.environ[name] for name in os.environ if name != "SKARMA_GPU_PLUGIN"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_LIBRARY, *map(str, files)],
        capture_output=True,
        text=True,
        env=environment,
    )
    beside = os.path.dirname(skarma._native.__file__)
    assert done.stdout == (
        "skarma device='cuda' cannot be used here. No library of a device was found: there is no "
        f"{beside}/libskarma_cuda.so, and SKARMA_GPU_PLUGIN is not set.\n"
    ), done.stderr
