"""lbfgs is scikit-learn's: iterations, weights, warnings; no bit depends on threads."""

import functools
import os
import shutil
import subprocess
import sys
import warnings

import numpy as np
import pytest
import sklearn
import sklearn.neural_network as reference
from sklearn.datasets import load_breast_cancer, load_iris, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler

import skarma
from skarma.model_selection import GridSearchCV

IRIS = load_iris(return_X_y=True)


def warning_of(network, X, y):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        network.fit(X, y)
    return [str(w.message) for w in caught if issubclass(w.category, ConvergenceWarning)]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_long_runs_take_the_same_steps():
    """s'y / y'y of this one leaves what dlib clamps to."""
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    options = dict(solver="lbfgs", hidden_layer_sizes=(10,), random_state=1, max_iter=300)
    theirs = reference.MLPClassifier(**options).fit(X, y)
    ours = skarma.MLPClassifier(**options).fit(X, y)
    assert ours.n_iter_ == theirs.n_iter_
    for a, b in zip(theirs.coefs_, ours.coefs_, strict=True):
        np.testing.assert_allclose(b, a, atol=1e-7)


@pytest.mark.parametrize(
    ("scale", "options", "status", "says"),
    [
        (1.0, {"max_iter": 5}, 1, ["ITERATIONS REACHED LIMIT", "(max_iter=5)"]),
        (1.0, {"max_fun": 3}, 1, ["EVALUATIONS EXCEEDS LIMIT"]),
        (1e200, {}, 2, ["ABNORMAL: \n\nYou might"]),
        (1e200, {"max_fun": 5}, 1, ["ABNORMAL: \n\nYou might"]),
    ],
)
def test_warnings_are_scikit_learns(scale, options, status, says):
    X, y = IRIS
    options = dict(solver="lbfgs", random_state=0) | options
    (text,) = warning_of(skarma.MLPClassifier((7,), **options), X * scale, y)
    assert f"iteration(s) (status={status}):\n" in text
    for words in [*says, "https://scikit-learn.org/stable/modules/preprocessing.html"]:
        assert words in text
    (expected,) = warning_of(reference.MLPClassifier((7,), **options), X * scale, y)
    if [int(part) for part in sklearn.__version__.split(".")[:2]] >= [1, 9]:  # older: other words
        assert text == expected


def test_the_warning_is_of_the_last_solver():
    network = skarma.MLPClassifier((3,), solver="lbfgs", max_iter=2, random_state=0)
    assert "lbfgs" in warning_of(network, *IRIS)[0]
    (text,) = warning_of(network.set_params(solver="adam"), *IRIS)
    assert text.startswith("Stochastic Optimizer: Maximum iterations (2)")


WIDE = make_classification(n_samples=200, n_features=20, random_state=0)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_searches_over_wide_networks_repeat():
    """Networks of more than 10,000 weights, whose sums BLAS would share among its threads."""
    network = skarma.MLPClassifier((100, 100), solver="lbfgs", max_iter=25, random_state=0)
    results = []
    for _ in range(5):
        search = GridSearchCV(
            network, {"alpha": [1e-4, 1e-1, 10.0]}, n_jobs=2, cv=3, scoring="neg_log_loss"
        ).fit(*WIDE)
        assert search.search_path_ == "native"
        scores = [search.cv_results_[f"split{i}_test_score"] for i in range(3)]
        results.append((np.array(scores).tobytes(), search.best_estimator_.loss_))
    assert set(results) == {results[0]}


FITS = """
import hashlib, warnings
import numpy as np, skarma
warnings.simplefilter("ignore")
x = np.random.RandomState(0).standard_normal((30, 60))
y = (x[:, 0] + x[:, 1] * x[:, 2] > 0).astype(int)
wide = np.random.RandomState(1).standard_normal((30, 1100))
digest = hashlib.sha256()
for solver in ("lbfgs", "adam", "sgd"):
    for samples, hidden in ((x, (150, 20)), (wide, (1000,))):
        network = skarma.MLPClassifier(hidden, solver=solver, max_iter=2, random_state=0)
        network.fit(samples, y)
        digest.update(b"".join(c.tobytes() for c in network.coefs_))
        digest.update(network.predict_proba(samples).tobytes())
        digest.update(np.float64(network.loss_).tobytes())
print(digest.hexdigest())
"""


@functools.cache
def digest(n_blas_threads, *prefix):
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    if n_blas_threads is not None:
        environment["OPENBLAS_NUM_THREADS"] = n_blas_threads
    done = subprocess.run(
        [*prefix, sys.executable, "-c", FITS],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return done.stdout


def test_the_environments_of_blas_change_no_bit():
    assert len({digest(n) for n in (None, "1", "2")}) == 1


def test_one_core_gives_the_bits_of_several():
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or shutil.which("taskset") is None:
        pytest.skip("needs two cores and taskset")
    assert digest(None, "taskset", "-c", str(cores[0])) == digest(None)
