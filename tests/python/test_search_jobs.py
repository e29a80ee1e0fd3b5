"""How many threads a native search has: joblib's configuration counts, and so does its backend."""

import joblib
import numpy as np
import pytest
from joblib._parallel_backends import ThreadingBackend
from joblib.parallel import parallel_config, register_parallel_backend
from same_search import small
from sklearn.datasets import load_iris

import skarma
from skarma import _native_job, model_selection
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture
def n_threads(monkeypatch):
    """What native jobs are given as their number of threads."""
    given = []

    class Watched(_native_job.NativeJob):
        def __init__(self, **arguments):
            super().__init__(**arguments)
            given.append(arguments["n_jobs"])

    monkeypatch.setattr(_native_job, "NativeJob", Watched)
    return given


def search(**options):
    return GridSearchCV(small(skarma), {"alpha": [0.1, 1.0]}, cv=2, refit=False, **options)


def test_the_configurations_number_of_jobs_counts(n_threads):
    scores = []
    for configured, own in ((2, None), (-1, None), (2, 3), (None, None), (None, 2)):
        with parallel_config(n_jobs=configured):
            fitted = search(n_jobs=own).fit(X, Y)
        assert fitted.search_path_ == "native"
        scores.append(fitted.cv_results_["mean_test_score"])
    with parallel_config(n_jobs=2):
        model_selection.cross_val_score(small(skarma), X, Y, cv=2)
    with joblib.parallel_backend("loky", n_jobs=4):
        search().fit(X, Y)
    # None is one thread, as in joblib.
    assert [1 if n is None else n for n in n_threads] == [2, -1, 3, 1, 2, 2, 4]
    for other in scores:
        np.testing.assert_array_equal(other, scores[0])


class Counting(ThreadingBackend):
    """A backend that counts the tasks that it is given."""

    n_tasks = 0

    def submit(self, func, callback=None):
        type(self).n_tasks += 1
        return super().submit(func, callback)

    def apply_async(self, func, callback=None):
        return self.submit(func, callback)


def test_a_registered_backend_does_the_work():
    register_parallel_backend("counting", Counting)
    with parallel_config("counting", n_jobs=2):
        fitted = search().fit(X, Y)
        assert Counting.n_tasks >= 4
        model_selection.cross_validate(small(skarma), X, Y, cv=2)
        model_selection.cross_val_predict(small(skarma), X, Y, cv=2)
    assert Counting.n_tasks >= 8
    assert fitted.search_path_ == "joblib's active backend is Counting"
    np.testing.assert_allclose(
        fitted.cv_results_["mean_test_score"],
        search().fit(X, Y).cv_results_["mean_test_score"],
        rtol=1e-9,
    )


def test_the_threading_backend_is_a_choice_and_its_workers_are_none():
    with parallel_config("threading", n_jobs=2):
        assert search().fit(X, Y).search_path_ == "joblib's active backend is ThreadingBackend"
        paths = joblib.Parallel()(joblib.delayed(_path)() for _ in range(4))
    assert paths == ["native"] * 4
    with parallel_config("sequential"):
        assert search().fit(X, Y).search_path_ == "native"


def _path():
    return search().fit(X, Y).search_path_
