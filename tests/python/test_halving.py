"""Successive halving, rung by rung beside scikit-learn's own classes."""

import inspect
import io
import pickle
import re
import subprocess
import sys
import warnings
from contextlib import redirect_stdout

import numpy as np
import pytest
import sklearn.neural_network
from same_search import small
from scipy.stats import loguniform, randint
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.decomposition import PCA
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer, matthews_corrcoef
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, StratifiedKFold
from sklearn.model_selection import HalvingGridSearchCV as TheirGrid
from sklearn.model_selection import HalvingRandomSearchCV as TheirRandom
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skarma
from skarma._fallback import require
from skarma._native_fits import NativeFits
from skarma.model_selection import (
    FallbackReason,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    NotNativeError,
)

X, Y = load_iris(return_X_y=True)
DIABETES = tuple(a[:200] for a in load_diabetes(return_X_y=True))
OURS = {TheirGrid: HalvingGridSearchCV, TheirRandom: HalvingRandomSearchCV}
GRID = {"alpha": [1e-3, 1e-1, 1.0, 30.0], "activation": ["relu", "tanh", "logistic"]}
DRAWS = {"alpha": loguniform(1e-4, 1e2), "hidden_layer_sizes": randint(2, 9)}
EPOCHS = {"resource": "max_iter", "max_resources": 20}

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:One or more of the:UserWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning"),
]


def classifier(module=skarma, **params):
    return small(module, **{"learning_rate_init": 0.02, "batch_size": 20} | params)


def regressor(module=skarma, **params):
    return small(module, "MLPRegressor", solver="lbfgs", **params)


def fitted(search, data, params):
    np.random.seed(3)
    said = io.StringIO()
    with redirect_stdout(said):
        search.fit(*data, **params)
    lines = re.sub(r"total time=.*|\.{3,}", "", said.getvalue())
    return search, lines, np.random.random()


def assert_same(theirs, make, grid, data=(X, Y), params=None, is_native=True, **options):
    """Both searches, each from NumPy's generator in the same state; everything is compared."""
    expected, their_lines, their_draw = fitted(
        theirs(make(), grid, **options), data, dict(params or {})
    )
    ours, our_lines, our_draw = fitted(
        OURS[theirs](make(), grid, **options), data, dict(params or {})
    )
    assert (ours.search_path_ == "native") == is_native, ours.search_path_
    assert our_draw == their_draw
    assert our_lines == their_lines
    assert list(ours.cv_results_) == list(expected.cv_results_)
    for key, column in expected.cv_results_.items():
        got = ours.cv_results_[key]
        if key == "params":
            assert got == column
            continue
        assert type(got) is type(column) and got.dtype == column.dtype, key
        if "time" in key:
            continue
        if key.startswith(("param_", "rank_")):
            np.testing.assert_array_equal(got, column, key)
        else:
            np.testing.assert_allclose(got, column, rtol=1e-9, atol=1e-12, err_msg=key)
    for name in (n for n in vars(expected) if n.endswith("_") and not n.startswith("_")):
        if name in ("cv_results_", "best_estimator_", "refit_time_", "scorer_"):
            assert hasattr(ours, name)
        elif name == "best_score_":
            assert ours.best_score_ == pytest.approx(expected.best_score_, nan_ok=True)
        else:
            assert getattr(ours, name) == getattr(expected, name), name
    public = {n for n in vars(ours) if n.endswith("_")} - {"search_path_", "fallback_reason_"}
    assert public == {n for n in vars(expected) if n.endswith("_")}
    if options.get("refit", True):
        np.testing.assert_allclose(ours.predict(data[0]), expected.predict(data[0]), rtol=1e-9)
    return ours


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"random_state": 0, "factor": 2},
        {"random_state": 0, "factor": 2.5, "cv": 3},
        {"random_state": 0, "max_resources": 100, "min_resources": 25},
        {"random_state": 0, "min_resources": "smallest", "cv": StratifiedKFold(2)},
        {"random_state": 0, "aggressive_elimination": True, "max_resources": 60, "cv": 3},
        {"random_state": 0, "return_train_score": False, "refit": False, "cv": 3},
        {"random_state": 0, "scoring": "f1_macro", "n_jobs": 2, "cv": 3},
        {"random_state": 0, "scoring": make_scorer(matthews_corrcoef), "cv": 3},
        {"random_state": 0, "scoring": lambda e, X, y: e.score(X, y), "refit": lambda r: 0},
        {"random_state": 0, "verbose": 10, "cv": 3},
        {**EPOCHS},
        {**EPOCHS, "factor": 2, "cv": KFold(3, shuffle=True, random_state=1)},
        {**EPOCHS, "min_resources": 2, "verbose": 3, "cv": 2},
        {**EPOCHS, "min_resources": "smallest", "aggressive_elimination": True, "cv": 2},
    ],
)
def test_grids(options):
    assert_same(TheirGrid, classifier, GRID, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"random_state": 1},
        {"n_candidates": 7, "cv": 3},
        {"random_state": 2, "n_candidates": 9, "min_resources": "exhaust", "factor": 2},
        {"random_state": 2, "n_candidates": 6, **EPOCHS},
        {"random_state": 2, **EPOCHS, "min_resources": 4, "aggressive_elimination": True},
    ],
)
def test_draws(options):
    assert_same(TheirRandom, classifier, DRAWS, **{"cv": 2} | options)


@pytest.mark.parametrize("theirs", OURS)
@pytest.mark.parametrize("options", [{}, EPOCHS])
def test_a_generator_is_drawn_from_as_by_scikit_learn(theirs, options):
    values = GRID if theirs is TheirGrid else DRAWS
    searches = []
    for cls in (theirs, OURS[theirs]):
        generator = np.random.RandomState(4)
        search = cls(classifier(), values, random_state=generator, cv=2, **options).fit(X, Y)
        searches.append((search, generator.random()))
    (theirs, their_draw), (ours, our_draw) = searches
    assert ours.search_path_ == "native" and our_draw == their_draw
    assert ours.cv_results_["params"] == theirs.cv_results_["params"]
    expected = theirs.cv_results_["mean_test_score"]
    np.testing.assert_allclose(ours.cv_results_["mean_test_score"], expected, rtol=1e-9)


def test_a_regressor_groups_and_weights():
    groups = np.arange(200) % 7
    params = {"sample_weight": np.linspace(0.5, 2, 200), "groups": groups}
    grid = {"alpha": [1e-2, 1.0, 10.0, 100.0]}
    options = {"cv": GroupKFold(3), "random_state": 0}
    assert_same(TheirGrid, regressor, grid, DIABETES, params, **options)


def test_a_pipeline_by_a_parameter_of_its_network():
    grid = {"mlpclassifier__alpha": [0.1, 1.0, 10.0], "standardscaler__with_mean": [True, False]}
    options = {"resource": "mlpclassifier__max_iter", "max_resources": 12, "cv": 2}
    assert_same(TheirGrid, lambda: make_pipeline(StandardScaler(), classifier()), grid, **options)


def test_scikit_learns_networks_come_to_the_same():
    theirs = TheirGrid(classifier(sklearn.neural_network), GRID, random_state=0, cv=3).fit(X, Y)
    ours = HalvingGridSearchCV(classifier(), GRID, random_state=0, cv=3).fit(X, Y)
    for key in ("mean_test_score", "mean_train_score"):
        np.testing.assert_allclose(ours.cv_results_[key], theirs.cv_results_[key], rtol=1e-9)
    assert ours.best_params_ == theirs.best_params_


def test_networks_without_a_seed_draw_from_numpys_generator_in_turns():
    assert_same(TheirGrid, lambda: classifier(random_state=None), GRID, random_state=0, cv=2)
    assert_same(TheirGrid, lambda: classifier(random_state=None), GRID, cv=2)


def test_candidates_that_fail_are_the_first_to_go():
    grid = {"learning_rate_init": [1e-3, 1e200, 1e-2, 1e-1], "solver": ["sgd"]}
    search = assert_same(TheirGrid, classifier, grid, random_state=0, cv=2, factor=2)
    assert search.best_params_["learning_rate_init"] < 1


def test_another_estimator_takes_scikit_learns_path():
    grid = {"C": [0.1, 1.0, 10.0]}
    assert_same(TheirGrid, LogisticRegression, grid, is_native=False, random_state=0, cv=3)
    with pytest.raises(NotNativeError):
        HalvingGridSearchCV(LogisticRegression(), grid, native="require").fit(X, Y)
    search = HalvingGridSearchCV(classifier(), {"alpha": [1.0]}, native="never").fit(X, Y)
    assert search.fallback_reason_ is FallbackReason.NEVER
    assert search.best_score_ == search.cv_results_["mean_test_score"][search.best_index_]


def test_a_later_rung_that_is_not_native_takes_the_search_to_scikit_learns_path(monkeypatch):
    calls = []

    class Reluctant(NativeFits):
        def of(self, candidates, cv=None):
            calls.append(len(candidates))
            require(len(calls) < 3, FallbackReason.TRANSFORMER, "asked for")
            return super().of(candidates, cv)

    monkeypatch.setattr("skarma._halving.NativeFits", Reluctant)
    options = {"random_state": 0, "cv": 2, "min_resources": 16}
    search = assert_same(TheirGrid, classifier, GRID, is_native=False, **options)
    assert calls == [12, 12, 4] and search.fallback_reason_ is FallbackReason.TRANSFORMER


def test_a_transformer_for_which_a_rung_has_too_few_samples():
    wide = np.random.RandomState(0).normal(size=(150, 12))
    grid = {"pca__n_components": [2, 3, 11, 12]}
    options = {"random_state": 0, "cv": 2, "min_resources": 16, "error_score": 0.0}
    assert_same(
        TheirGrid,
        lambda: make_pipeline(PCA(svd_solver="full"), classifier()),
        grid,
        (wide, Y),
        **options,
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"resource": "epochs", "max_resources": 9}, "Cannot use resource=epochs"),
        ({"resource": "alpha", "max_resources": 9}, "Cannot use parameter alpha as the resource"),
        ({"resource": "max_iter"}, "resource can only be 'n_samples' when max_resources='auto'"),
        ({"min_resources": 200}, "is greater than max_resources_=150"),
        ({"cv": ShuffleSplit(2)}, "must yield consistent folds"),
        ({"factor": 0}, "The 'factor' parameter"),
        ({"max_resources": "all"}, "The 'max_resources' parameter"),
        ({"scoring": ["accuracy"]}, "The 'scoring' parameter"),
    ],
)
def test_what_scikit_learn_refuses(options, text):
    for cls in OURS.items():
        for search in cls:
            if "Grid" in search.__name__:
                with pytest.raises(ValueError, match=re.escape(text)):
                    search(classifier(), GRID, **options).fit(X, Y)


def test_both_exhausted_is_refused():
    for search in (TheirRandom, HalvingRandomSearchCV):
        with pytest.raises(ValueError, match="cannot be both set to 'exhaust'"):
            search(classifier(), DRAWS, min_resources="exhaust").fit(X, Y)


def test_fewer_draws_than_asked_for_are_warned_of_once():
    said = []
    for search in (TheirRandom, HalvingRandomSearchCV):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            options = {"n_candidates": 9, "random_state": 0, "cv": 2}
            search(classifier(), {"alpha": [1.0, 2.0, 3.0]}, **options).fit(X, Y)
        said.append([str(w.message) for w in caught if "total space" in str(w.message)])
    assert said[0] == said[1] and len(said[0]) == 1


@pytest.mark.parametrize("theirs", OURS)
def test_signatures_are_scikit_learns_and_native(theirs):
    [ours, expected] = (inspect.signature(c).parameters for c in (OURS[theirs], theirs))
    assert [*expected, "native", "keep_state"] == list(ours)
    for name, parameter in expected.items():
        assert repr(ours[name].default) == repr(parameter.default), name
        assert ours[name].kind == parameter.kind, name


def test_a_search_is_cloned_and_pickled():
    search = HalvingGridSearchCV(classifier(), GRID, cv=2, random_state=0, native="require")
    assert clone(search).get_params()["native"] == "require"
    again = pickle.loads(pickle.dumps(search.fit(X, Y)))
    np.testing.assert_array_equal(again.predict(X), search.predict(X))


def test_no_experimental_import_is_needed():
    code = "from skarma.model_selection import HalvingGridSearchCV as H; print(H.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "HalvingGridSearchCV"


def test_ctrl_c_keeps_the_rungs_and_candidates_that_are_complete(monkeypatch):
    from skarma._fit_reports import FitReports

    class Interrupting(FitReports):
        n_rows = 0

        def row(self, *args, **kwargs):
            Interrupting.n_rows += 1
            if Interrupting.n_rows == 12 * 2 + 5:
                raise KeyboardInterrupt
            return super().row(*args, **kwargs)

    monkeypatch.setattr("skarma._native_fits.FitReports", Interrupting)
    search = HalvingGridSearchCV(classifier(), GRID, cv=2, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        search.fit(X, Y)
    assert search.cv_results_["iter"].tolist() == [0] * 12 + [1] * 2
    assert not hasattr(search, "best_index_") and search.search_path_ == "native"


def test_callbacks_are_told_of_the_rungs_as_scikit_learn_tells_them():
    pytest.importorskip("sklearn.callback")
    from test_sklearn_callbacks import Recorder, outline

    told = []
    for cls in (TheirGrid, HalvingGridSearchCV):
        recorder = Recorder()
        search = cls(classifier(), {"alpha": [0.1, 1.0, 10.0]}, cv=2, random_state=0)
        search.set_callbacks(recorder).fit(X, Y)
        told.append(outline(recorder))
    assert told[0] == told[1] and search.search_path_ == "native"
