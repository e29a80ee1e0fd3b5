"""A process that forks in the middle of its work leaves the child with everything in order."""

import multiprocessing
import threading

import numpy as np
import pytest
from sklearn.datasets import load_iris

from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)
HANGS_AFTER = 120  # seconds: a child that hangs is a failure, not a wait

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def small_fit():
    return MLPClassifier((20,), max_iter=5, random_state=0).fit(X, Y).coefs_[0]


def small_search():
    mlp = MLPClassifier((20,), max_iter=5, random_state=0)
    search = GridSearchCV(mlp, {"alpha": [1e-3, 1.0]}, n_jobs=2, cv=3).fit(X, Y)
    assert search.search_path_ == "native"
    return search.cv_results_["mean_test_score"]


def work_again(coefs, scores):
    np.testing.assert_array_equal(small_fit(), coefs)
    np.testing.assert_array_equal(small_search(), scores)


def fork_and_work_again(coefs, scores):
    child = multiprocessing.get_context("fork").Process(target=work_again, args=(coefs, scores))
    child.start()
    child.join(HANGS_AFTER)
    child.kill()
    child.join()
    return child.exitcode


def test_child_forked_between_fits():
    coefs, scores = small_fit(), small_search()
    assert fork_and_work_again(coefs, scores) == 0
    work_again(coefs, scores)


def test_child_forked_during_fits_of_another_thread():
    coefs, scores = small_fit(), small_search()
    done = threading.Event()

    def keep_fitting():
        while not done.is_set():
            small_fit()

    worker = threading.Thread(target=keep_fitting)
    worker.start()
    try:
        exit_codes = [fork_and_work_again(coefs, scores) for _ in range(5)]
    finally:
        done.set()
        worker.join()
    assert exit_codes == [0] * 5
