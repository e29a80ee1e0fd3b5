"""What tests of journals search, and how they compare what comes of it."""

import math
import sqlite3
import struct
import warnings
from contextlib import closing
from pathlib import Path

import journal_search
from sklearn.datasets import load_iris

from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)
GRID = {"alpha": [0.1, 1.0, 100.0]}
SEARCH = Path(__file__).with_name("journal_search.py")


def network(**parameters):
    parameters = {"solver": "lbfgs", "random_state": 1, "max_iter": 10} | parameters
    return MLPClassifier((4,), **parameters)


def searched(journal=None, estimator=None, grid=GRID, X=X, y=Y, fit=None, **options):
    options = {"cv": 4, "return_train_score": True} | options
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = GridSearchCV(estimator or network(), grid, journal=journal, **options)
        return search.fit(X, y, **(fit or {}))


def rows_in(path, query="SELECT count(*) FROM fits"):
    if not Path(path).exists():
        return 0
    with closing(sqlite3.connect(path, timeout=30)) as db:
        try:
            return db.execute(query).fetchone()[0]
        except sqlite3.OperationalError:  # it has no tables yet
            return 0


def expect_same(a, b, with_times=True):
    """Bit for bit, but NaN."""
    a, b = (journal_search.numbers(search.cv_results_, with_times) for search in (a, b))
    assert a.keys() == b.keys()
    for name, values in a.items():
        for left, right in zip(values, b[name], strict=True):
            both_nan = math.isnan(left) and math.isnan(right)
            assert both_nan or struct.pack("d", left) == struct.pack("d", right), name
