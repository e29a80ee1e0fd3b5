"""A search of 400 short fits with a journal, for tests that kill it: JOURNAL [RESULTS].

RESULTS gets cv_results_ as JSON once the search is done.
"""

import json
import resource
import sys
import warnings

import numpy as np
from sklearn.datasets import load_iris

from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV

N_FITS = 400


def search(journal=None, **options):
    """The search, fitted."""
    X, y = load_iris(return_X_y=True)
    mlp = MLPClassifier((16,), max_iter=40, tol=0, n_iter_no_change=1000, random_state=1)
    grid = {"alpha": np.logspace(-3, 3, N_FITS // 4).tolist()}
    options = {"cv": 4, "n_jobs": 2, "return_train_score": True} | options
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return GridSearchCV(mlp, grid, journal=journal, **options).fit(X, y)


def numbers(results, with_times=True):
    """The columns of cv_results_ that are numbers."""
    return {
        name: np.asarray(values).tolist()
        for name, values in results.items()
        if name != "params"
        and not name.startswith("param_")
        and (with_times or not name.endswith("_time"))
    }


if __name__ == "__main__":
    if len(sys.argv) > 3:  # bytes that a file may have at most
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
    fitted = search(sys.argv[1])
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w", encoding="utf-8") as file:
            json.dump(numbers(fitted.cv_results_), file)
