"""One search by scikit-learn's classes and by ours, side by side."""

import time

import numpy as np
import pytest
import sklearn.model_selection as reference
import sklearn.neural_network

import skarma
from skarma.model_selection import GridSearchCV


def small(module, name="MLPClassifier", **parameters):
    parameters = {"hidden_layer_sizes": (5,), "max_iter": 8, "random_state": 1} | parameters
    return getattr(module, name)(**parameters)


def assert_same_ranks(got, scores, expected):
    """Those of scores that are equal but for rounding may be one another's."""
    order = np.argsort(got, kind="stable")
    assert not np.any(np.diff(scores[order]) > 1e-9 * np.abs(scores[order][1:]))
    assert got.min() == expected.min() == 1


def assert_same_search(make, grid, data, fit_params=None, **options):
    """Run both searches, each from NumPy's generator in the same state, and compare everything."""
    searches = []
    for module, search in (
        (sklearn.neural_network, reference.GridSearchCV),
        (skarma, GridSearchCV),
    ):
        np.random.seed(7)
        start = time.time()
        searches.append(search(make(module), grid, **options).fit(*data, **fit_params or {}))
        elapsed = time.time() - start
        searches[-1].next_draw = np.random.random()
    theirs, ours = searches
    assert ours.next_draw == theirs.next_draw
    assert ours.search_path_ == "native"
    assert list(ours.cv_results_) == list(theirs.cv_results_)
    assert ours.cv_results_["params"] == theirs.cv_results_["params"]
    for key, expected in theirs.cv_results_.items():
        got = ours.cv_results_[key]
        assert type(got) is type(expected), key
        if key == "params":
            continue
        assert got.dtype == expected.dtype, key
        if key.startswith("param_"):
            np.testing.assert_array_equal(got, expected)
        elif key.startswith("rank_"):
            assert_same_ranks(got, theirs.cv_results_[key.replace("rank_", "mean_")], expected)
        elif "time" not in key:
            np.testing.assert_allclose(got, expected, rtol=1e-9, err_msg=key)
    for attribute in ("best_index_", "best_params_", "n_splits_", "multimetric_"):
        assert getattr(ours, attribute, None) == getattr(theirs, attribute, None)
    if not callable(options.get("refit", False)) and hasattr(theirs, "best_score_"):
        assert ours.best_score_ == pytest.approx(theirs.best_score_, rel=1e-9, nan_ok=True)
    if options.get("refit", True):
        if hasattr(theirs, "classes_"):
            np.testing.assert_array_equal(ours.classes_, theirs.classes_)
            assert ours.classes_.dtype == theirs.classes_.dtype
        np.testing.assert_array_equal(ours.predict(data[0]), ours.best_estimator_.predict(data[0]))
        assert 0 < ours.refit_time_ < elapsed
    return ours
