"""skarma and the BLAS of NumPy, each with its threads, work in one process."""

import threading

import numpy as np
import pytest
from sklearn.datasets import load_iris
from threadpoolctl import threadpool_info, threadpool_limits

from skarma import MLPClassifier

X, Y = load_iris(return_X_y=True)
A = np.random.RandomState(0).standard_normal((400, 400))

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def several_blas_threads():
    with threadpool_limits(3, user_api="blas"):
        yield


def blas_threads():
    """The number of threads of every BLAS library of the process, by its file."""
    return {
        library["filepath"]: library["num_threads"]
        for library in threadpool_info()
        if library["user_api"] == "blas"
    }


def fitted_coefs():
    return MLPClassifier((30,), max_iter=50, random_state=0).fit(X, Y).coefs_[0]


def test_thread_counts_are_what_they_were():
    before = blas_threads()
    assert set(before.values()) == {3}
    fitted_coefs()
    assert blas_threads() == before


def test_products_before_between_and_after_fits():
    product = A @ A
    first = fitted_coefs()
    np.testing.assert_allclose(A @ A, product, rtol=1e-10, atol=1e-10)
    np.testing.assert_array_equal(fitted_coefs(), first)
    np.testing.assert_allclose(A @ A, product, rtol=1e-10, atol=1e-10)


def test_products_during_a_fit():
    product, alone = A @ A, fitted_coefs()
    differences = []
    done = threading.Event()

    def multiply():
        while not done.is_set():
            differences.append(abs(A @ A - product).max())

    worker = threading.Thread(target=multiply)
    worker.start()
    try:
        together = [fitted_coefs() for _ in range(5)]
    finally:
        done.set()
        worker.join()
    assert differences
    assert max(differences) < 1e-10
    for coefs in together:
        np.testing.assert_array_equal(coefs, alone)
