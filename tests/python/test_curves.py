"""learning_curve, validation_curve and permutation_importance beside scikit-learn's."""

import inspect
import io
import logging
import re
import warnings
from contextlib import redirect_stdout
from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn.inspection
import sklearn.model_selection as reference
import sklearn.neural_network
from same_search import small
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer, matthews_corrcoef
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skarma
import skarma.inspection
from skarma import model_selection
from skarma.inspection import permutation_importance
from skarma.model_selection import (
    FallbackReason,
    NotNativeError,
    learning_curve,
    validation_curve,
)

IRIS = load_iris(return_X_y=True)
CANCER = tuple(a[:200] for a in load_breast_cancer(return_X_y=True))
DIABETES = tuple(a[:150] for a in load_diabetes(return_X_y=True))
SHUFFLED = KFold(3, shuffle=True, random_state=0)

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:Got `batch_size` less:UserWarning"),
]


@pytest.fixture
def paths(caplog):
    caplog.set_level(logging.DEBUG, logger="skarma.model_selection")
    return caplog


def outcome(function, make, module, data, options):
    """What a function returns or raises, prints and warns of, and the next draw of NumPy's."""
    np.random.seed(5)
    said = io.StringIO()
    with warnings.catch_warnings(record=True) as caught, redirect_stdout(said):
        warnings.simplefilter("always")
        try:
            result = function(make(module), *data, **options)
        except Exception as error:
            result = type(error), str(error).split("\n")[0]
    lines = [re.sub(r"total time=.*|\.{3,}", "", x) for x in said.getvalue().splitlines()]
    lines = [line for line in lines if "Parallel(" not in line]
    kinds = sorted(w.category.__name__ for w in caught if w.category is not RuntimeWarning)
    return result, sorted(lines), kinds, np.random.random()


def assert_same(name, make, data, paths, is_native=True, compare_warnings=True, **options):
    theirs, ours = (
        outcome(getattr(package, name), make, module, data, options | more)
        for package, module, more in (
            (reference, sklearn.neural_network, {"n_jobs": 1}),  # workers print elsewhere
            (model_selection, skarma, {}),
        )
    )
    assert (theirs[1], theirs[3]) == (ours[1], ours[3])
    assert theirs[2] == ours[2] or not compare_warnings
    assert paths.messages[-1].endswith(f"{name}: native") == is_native, paths.messages[-1]
    if isinstance(theirs[0][0], type):
        assert ours[0] == theirs[0]
        return ours[0]
    assert len(theirs[0]) == len(ours[0])
    for i, (expected, got) in enumerate(zip(theirs[0], ours[0], strict=True)):
        assert got.shape == expected.shape and got.dtype == expected.dtype
        if i < 3:
            np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)
    return ours[0]


def scaled(module, **params):
    return make_pipeline(StandardScaler(), small(module, **params))


@pytest.mark.parametrize("make", [small, scaled])
@pytest.mark.parametrize(
    "options",
    [
        {"shuffle": True, "random_state": 0},
        {"shuffle": True, "random_state": 3, "train_sizes": [20, 20, 70], "cv": 3},
        {"shuffle": True, "train_sizes": [0.2, 0.5], "cv": 3},
        {"cv": SHUFFLED, "train_sizes": [40, 100], "scoring": "f1_macro", "n_jobs": 2},
        {"cv": SHUFFLED, "train_sizes": [40, 100], "scoring": make_scorer(matthews_corrcoef)},
        {"cv": SHUFFLED, "train_sizes": [60], "return_times": True},
        {"cv": SHUFFLED, "train_sizes": [30, 60], "verbose": 3},
        {"cv": ShuffleSplit(2), "train_sizes": [60]},
    ],
)
def test_learning_curves(make, options, paths):
    assert_same("learning_curve", make, IRIS, paths, **options)


def test_a_learning_curve_of_a_regressor_with_groups_and_weights(paths):
    make = partial(small, name="MLPRegressor")
    options = {
        "groups": np.arange(150) % 7,
        "params": {"sample_weight": np.linspace(0.5, 2, 150)},
        "cv": GroupKFold(3),
    }
    assert_same("learning_curve", make, DIABETES, paths, **options)


def test_shuffles_are_drawn_from_the_callers_generator():
    draws = []
    for function in (reference.learning_curve, learning_curve):
        rng = np.random.RandomState(2)
        options = {"shuffle": True, "random_state": rng, "train_sizes": [30, 90], "cv": 3}
        draws.append((function(small(skarma), *IRIS, **options)[2].tolist(), rng.random()))
    assert draws[0] == draws[1]


@pytest.mark.parametrize(
    "options",
    [
        {"train_sizes": [0.0, 0.5]},
        {"train_sizes": [1, 1000]},
        {"train_sizes": "all"},
        {"cv": 1},
        {"scoring": "accuarcy"},
        {"param": 1},
    ],
)
def test_learning_curves_that_scikit_learn_refuses(options):
    errors = []
    for package, module in ((reference, sklearn.neural_network), (model_selection, skarma)):
        with pytest.raises((ValueError, TypeError)) as raised:
            package.learning_curve(small(module), *IRIS, **options)
        errors.append((type(raised.value), str(raised.value)))
    assert errors[0] == errors[1]


def test_sorted_labels_that_a_size_has_but_one_of(paths):
    assert_same("learning_curve", small, IRIS, paths, train_sizes=[10, 70], cv=KFold(3))


def test_incremental_learning_is_scikit_learns(paths):
    options = {"exploit_incremental_learning": True, "train_sizes": [40, 80], "cv": SHUFFLED}
    assert_same("learning_curve", small, IRIS, paths, is_native=False, **options)
    with pytest.raises(NotNativeError) as raised:
        learning_curve(small(skarma), *IRIS, native="require", **options)
    assert raised.value.reason is FallbackReason.RESULT


@pytest.mark.parametrize(
    ("make", "name", "values"),
    [
        (small, "alpha", [1e-3, 1.0, 100.0]),
        (small, "alpha", np.logspace(-2, 2, 3)),
        (small, "hidden_layer_sizes", [(2,), (5, 5)]),
        (small, "activation", ["tanh", "relu"]),
        (scaled, "mlpclassifier__max_iter", [2, 9]),
        (scaled, "standardscaler__with_std", [True, False]),
    ],
)
@pytest.mark.parametrize(
    "options", [{"cv": 3}, {"cv": SHUFFLED, "scoring": "neg_log_loss", "n_jobs": 2, "verbose": 3}]
)
def test_validation_curves(make, name, values, options, paths):
    assert_same(
        "validation_curve", make, IRIS, paths, param_name=name, param_range=values, **options
    )


def test_a_validation_curve_of_fits_that_fail(paths):
    make = partial(small, solver="sgd")
    options = {"param_name": "learning_rate_init", "param_range": [1e-3, 1e300], "cv": 2}
    options["error_score"] = 0.25
    # scikit-learn says of a fit that fails that it has not converged, too.
    assert_same("validation_curve", make, IRIS, paths, compare_warnings=False, **options)
    with pytest.raises(ValueError, match="non-finite|diverged"):
        validation_curve(make(skarma), *IRIS, **options | {"error_score": "raise"})


def test_a_validation_curve_of_networks_without_a_seed(paths):
    make = partial(small, random_state=None)
    options = {"param_name": "alpha", "param_range": [0.1, 10.0], "cv": 2}
    assert_same("validation_curve", make, IRIS, paths, is_native=False, **options)
    assert "draw from NumPy's generator" in paths.messages[-1]


@pytest.mark.parametrize(
    "options",
    [
        {"param_name": "alhpa", "param_range": [1.0]},
        {"param_name": "alpha", "param_range": []},
        {"param_name": 3, "param_range": [1.0]},
    ],
)
def test_validation_curves_that_scikit_learn_refuses(options):
    errors = []
    for package, module in ((reference, sklearn.neural_network), (model_selection, skarma)):
        with pytest.raises((ValueError, IndexError)) as raised:
            package.validation_curve(small(module), *IRIS, **options)
        errors.append(str(raised.value).split(" for estimator")[0])
    assert errors[0] == errors[1]


@pytest.mark.parametrize("name", ["learning_curve", "validation_curve"])
def test_signatures_are_scikit_learns_and_native(name):
    ours, theirs = getattr(model_selection, name), getattr(reference, name)
    [got, expected] = (inspect.signature(f).parameters for f in (ours, theirs))
    expected = {k: p for k, p in expected.items() if k != "fit_params"}  # of older ones alone
    assert [*expected, "native"] == list(got)
    for key, parameter in expected.items():
        assert (got[key].kind, repr(got[key].default)) == (parameter.kind, repr(parameter.default))
    extra = {} if name == "learning_curve" else {"param_name": "C", "param_range": [1.0]}
    with pytest.raises(NotNativeError):
        ours(LogisticRegression(), *IRIS, native="require", **extra)


def importances(function, model, data, **options):
    np.random.seed(1)
    result = function(model, *data, **options)
    several = result if "importances" not in result else {"": result}
    values = {
        (name, key): bunch[key]
        for name, bunch in several.items()
        for key in ("importances", "importances_mean", "importances_std")
    }
    return values, np.random.random()


@pytest.mark.parametrize(
    "options",
    [
        {"random_state": 0},
        {},
        {"random_state": 0, "n_repeats": 1, "n_jobs": 2},
        {"random_state": 0, "n_jobs": -1, "max_samples": 0.4},
        {"random_state": 0, "max_samples": 50, "n_jobs": 16},
        {"random_state": 0, "scoring": "f1_macro", "sample_weight": np.linspace(0.1, 2, 150)},
        {"random_state": 0, "max_samples": 0.5, "sample_weight": np.linspace(0.1, 2, 150)},
        {"random_state": 0, "scoring": ["accuracy", "neg_log_loss"], "n_jobs": 2},
        {"random_state": 0, "scoring": {"a": make_scorer(matthews_corrcoef)}},
    ],
)
@pytest.mark.parametrize("make", [small, scaled])
def test_importances(make, options):
    model = make(skarma, solver="lbfgs", max_iter=30).fit(*IRIS)
    theirs = importances(sklearn.inspection.permutation_importance, model, IRIS, **options)
    ours = importances(permutation_importance, model, IRIS, **options)
    assert ours[1] == theirs[1] and list(ours[0]) == list(theirs[0])
    for key, expected in theirs[0].items():
        np.testing.assert_array_equal(ours[0][key], expected, str(key))


def test_importances_of_data_frames_lists_and_other_estimators():
    frame = pd.DataFrame(IRIS[0], columns=list("abcd"))
    cases = [
        (small(skarma).fit(frame, IRIS[1]), (frame, IRIS[1])),
        (small(skarma).fit(*IRIS), (IRIS[0].tolist(), IRIS[1].tolist())),
        (LogisticRegression().fit(*IRIS), IRIS),
        (small(skarma, "MLPRegressor").fit(*DIABETES), DIABETES),
    ]
    for model, data in cases:
        for n_jobs in (None, 2):
            options = {"random_state": 3, "n_jobs": n_jobs}
            theirs = importances(sklearn.inspection.permutation_importance, model, data, **options)
            ours = importances(permutation_importance, model, data, **options)
            for key, expected in theirs[0].items():
                np.testing.assert_array_equal(ours[0][key], expected)


def test_importances_copy_the_samples_once_a_thread_and_leave_them():
    X = IRIS[0].copy()
    X.flags.writeable = False
    copies = []

    class Counting(np.ndarray):
        def copy(self, *args, **kwargs):
            copies.append(1)
            return np.asarray(self).copy()

    model = small(skarma).fit(*IRIS)
    permutation_importance(model, X, IRIS[1], n_jobs=2)
    np.testing.assert_array_equal(X, IRIS[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("skarma._permutation.check_array", lambda X, **kw: X.view(Counting))
        permutation_importance(model, IRIS[0], IRIS[1], n_jobs=2)
    assert len(copies) == 2


@pytest.mark.parametrize(
    "options", [{"n_repeats": 0}, {"max_samples": 151}, {"max_samples": 2.0}, {"scoring": "no"}]
)
def test_importances_that_scikit_learn_refuses(options):
    model = small(skarma).fit(*IRIS)
    errors = []
    for function in (sklearn.inspection.permutation_importance, permutation_importance):
        with pytest.raises(ValueError) as raised:
            function(model, *IRIS, **options)
        errors.append(str(raised.value))
    assert errors[0] == errors[1]


def test_another_backend_of_joblib_computes_importances_itself(monkeypatch):
    monkeypatch.setattr("skarma._permutation._shuffled", None)
    model = small(skarma).fit(*IRIS)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        result = permutation_importance(model, *IRIS, random_state=0)
    assert result.importances.shape == (4, 5)


def test_the_module_has_every_public_name_of_scikit_learns():
    assert set(sklearn.inspection.__all__) <= set(dir(skarma.inspection))
    theirs = sklearn.inspection.partial_dependence
    assert skarma.inspection.partial_dependence is theirs
    with pytest.raises(AttributeError):
        skarma.inspection.permutation_importnace  # noqa: B018
    ours, theirs = permutation_importance, sklearn.inspection.permutation_importance
    [got, expected] = (inspect.signature(f).parameters.values() for f in (ours, theirs))
    assert [(p.name, p.kind, p.default) for p in got] == [
        (p.name, p.kind, p.default) for p in expected
    ]


class Remembering(TransformerMixin, BaseEstimator):
    """A transformer that gives what it has a place for, as a cache does."""

    def fit(self, X, y=None):
        self.seen_ = np.zeros(X.shape)
        return self

    def transform(self, X):
        self.seen_[:] = X
        return self.seen_


def test_importances_behind_transformers_of_others_are_scikit_learns(monkeypatch):
    import sklearn.inspection

    called, theirs = [], sklearn.inspection.permutation_importance

    def permutation_importance(*arguments, **options):
        called.append(options["n_jobs"])
        return theirs(*arguments, **options)

    monkeypatch.setattr(sklearn.inspection, "permutation_importance", permutation_importance)
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(Remembering(), small(skarma)).fit(X, y)
    skarma.inspection.permutation_importance(pipeline, X, y, n_jobs=1, random_state=0)
    assert called == [1]
    native = make_pipeline(StandardScaler(), small(skarma)).fit(X, y)
    skarma.inspection.permutation_importance(native, X, y, n_jobs=1, random_state=0)
    assert called == [1]
