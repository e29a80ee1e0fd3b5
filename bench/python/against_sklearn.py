"""How many times faster than scikit-learn, in one run: the same fits and searches, in turns.

    python bench/python/against_sklearn.py [--repeats N] [NAME...]

The figure is the ratio of the minima over the repeats. Final losses or scores are compared, so that
both did the same work. One thread for a fit, `n_jobs=2` for a search.
"""

import argparse
import os
import sys
import time
import warnings

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"  # before NumPy is there

import numpy as np  # noqa: E402
import sklearn  # noqa: E402
import sklearn.model_selection  # noqa: E402
import sklearn.neural_network  # noqa: E402
from sklearn.datasets import load_breast_cancer, load_digits  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

import skarma  # noqa: E402
import skarma.model_selection  # noqa: E402

ALPHAS = [1e-4, 1e-3, 1e-2, 1e-1]
RATES = [1e-3, 3e-3, 1e-2]


def scaled(loader, dtype):
    X, y = loader(return_X_y=True)
    return StandardScaler().fit_transform(X).astype(dtype), y


def made_up(n_samples, n_features, n_classes, dtype):
    """Samples of a size that no embedded data set has."""
    random_state = np.random.RandomState(0)
    X = random_state.standard_normal((n_samples, n_features)).astype(dtype)
    return X, np.argmax(X[:, :n_classes], axis=1) if n_classes > 2 else (X[:, 0] > 0).astype(int)


def search(loader, epochs, dtype):
    X, y = scaled(loader, dtype)
    grid = {"alpha": ALPHAS, "learning_rate_init": RATES, "hidden_layer_sizes": [(50,), (100,)]}

    def run(networks, model_selection):
        mlp = networks.MLPClassifier(
            max_iter=epochs, tol=0, n_iter_no_change=epochs, random_state=0
        )
        grid_search = model_selection.GridSearchCV(mlp, grid, n_jobs=2, cv=5, refit=False)
        return grid_search.fit(X, y).cv_results_["mean_test_score"]

    return run


def near_empty_search():
    X, y = scaled(load_breast_cancer, np.float64)

    def run(networks, model_selection):
        mlp = networks.MLPClassifier((2,), max_iter=1, random_state=0)
        grid = {"alpha": np.logspace(-4, 1, 50)}
        grid_search = model_selection.GridSearchCV(mlp, grid, n_jobs=2, cv=5, refit=False)
        return grid_search.fit(X, y).cv_results_["mean_test_score"]

    return run


def fit(n_features, n_classes, dtype):
    X, y = made_up(4000, n_features, n_classes, dtype)

    def run(networks, _):
        mlp = networks.MLPClassifier(max_iter=10, batch_size=200, random_state=0)
        return mlp.fit(X, y).loss_

    return run


CASES = {
    "cancer-24x5x50-float64": lambda: search(load_breast_cancer, 50, np.float64),
    "cancer-24x5x50-float32": lambda: search(load_breast_cancer, 50, np.float32),
    "digits-24x5x20-float64": lambda: search(load_digits, 20, np.float64),
    "digits-24x5x20-float32": lambda: search(load_digits, 20, np.float32),
    "near-empty-250": near_empty_search,
    "fit-30-100-1-float64": lambda: fit(30, 2, np.float64),
    "fit-30-100-1-float32": lambda: fit(30, 2, np.float32),
    "fit-784-100-10-float64": lambda: fit(784, 10, np.float64),
    "fit-784-100-10-float32": lambda: fit(784, 10, np.float32),
}


def seconds_of(run, *modules):
    start = time.perf_counter()
    result = run(*modules)
    return time.perf_counter() - start, result


def measure(run, repeats):
    """The least seconds of each, and the largest difference of their results."""
    theirs, ours, difference = [], [], 0.0
    for _ in range(repeats):
        seconds, expected = seconds_of(run, sklearn.neural_network, sklearn.model_selection)
        theirs.append(seconds)
        seconds, got = seconds_of(run, skarma, skarma.model_selection)
        ours.append(seconds)
        difference = max(difference, float(np.max(np.abs(np.asarray(expected) - np.asarray(got)))))
    return min(theirs), min(ours), difference


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    options = parser.parse_args()
    unknown = set(options.names) - set(CASES)
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(CASES)}")
    warnings.simplefilter("ignore")
    print(f"scikit-learn {sklearn.__version__}, skarma {skarma.__version__}")
    print("| case | scikit-learn (s) | skarma (s) | ratio | difference |")
    print("| --- | --- | --- | --- | --- |")
    for name in options.names or CASES:
        theirs, ours, difference = measure(CASES[name](), options.repeats)
        print(f"| {name} | {theirs:.3f} | {ours:.3f} | {theirs / ours:.1f} | {difference:.1e} |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
