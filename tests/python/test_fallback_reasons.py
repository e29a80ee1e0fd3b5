"""Why a search takes scikit-learn's path: every code, each by what leads to it."""

import re
from pathlib import Path

import joblib
import numpy as np
import pytest
import sklearn.model_selection
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skarma
from skarma import _native, nn
from skarma._fallback import NotNative, judged_by_sklearn
from skarma.model_selection import (
    FallbackReason,
    GridSearchCV,
    NotNativeError,
    RandomizedSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)

X, Y = load_iris(return_X_y=True)
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "searches.md"

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning"),
    pytest.mark.filterwarnings("ignore:One or more of the:UserWarning"),
]


def small(**params):
    return skarma.MLPClassifier(
        **{"solver": "lbfgs", "hidden_layer_sizes": (3,), "max_iter": 5, "random_state": 0} | params
    )


def listed(random_state=0):
    model = nn.Sequential([nn.Dense(3, "softmax")], random_state=random_state)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


class Changed(skarma.MLPClassifier):
    """A subclass."""


class Idle:
    """A callback of scikit-learn's protocol that does nothing."""

    def setup(self, estimator, context, **given):
        pass

    teardown = on_fit_task_begin = on_fit_task_end = setup


def changed():
    model = small()
    model._backprop = model._backprop
    return model


def watched():
    if not hasattr(small(), "set_callbacks"):
        pytest.skip("this scikit-learn has no callbacks")
    return small().set_callbacks(Idle())


def searched(model, grid=None, data=(X, Y), params=None, **options):
    search = GridSearchCV(model, grid or {}, **{"cv": 3} | options)
    return search.fit(*data, **params or {})


NAN = np.vstack([X, np.full((1, 4), np.nan)]), np.append(Y, 0)
HALVES = [(np.arange(0, 150, 2), np.arange(1, 150, 2))]
MASKS = [(np.arange(150) % 2 == 0, np.arange(150) % 2 == 1)]
RANDOM = np.random.RandomState(np.random.PCG64(0))
DRAWING = PCA(2, svd_solver="randomized")

#: What leads to each code: an estimator, and the rest of a search.
CASES = [
    ("estimator", LogisticRegression, {}),
    ("estimator", lambda: Changed(solver="lbfgs", max_iter=5, random_state=0), {}),
    (
        "estimator",
        lambda: small(solver="sgd", early_stopping=True, validation_fraction=KFold(2)),
        {},
    ),
    ("changed_method", changed, {}),
    ("transformer", lambda: make_pipeline(DRAWING, small()), {}),
    ("verbose_estimator", lambda: small(verbose=True), {}),
    ("verbose_estimator", lambda: make_pipeline(StandardScaler(), small(), verbose=True), {}),
    ("callbacks", watched, {}),
    (
        "candidate",
        lambda: make_pipeline(StandardScaler(), small()),
        {"grid": {"mlpclassifier": [LogisticRegression()]}},
    ),
    ("epochs", lambda: nn.Classifier(listed), {"grid": {"epochs": [1, 2]}}),
    ("random_state", lambda: nn.Classifier(listed), {"grid": {"random_state": [None]}}),
    ("samples", small, {"data": NAN, "cv": HALVES, "refit": False}),
    ("samples", small, {"data": (X.astype(str), Y)}),
    ("fit_parameters", small, {"params": {"sample_weight": np.zeros(150)}, "refit": False}),
    ("targets", small, {"data": (X, Y.astype(np.uint64) + 2**63)}),
    ("splitter", small, {"cv": MASKS}),
    ("fit_parameters", small, {"params": {"X_val": X[:60:20], "y_val": Y[:60:20]}}),
    ("fit_parameters", small, {"params": {"sample_weight": np.ones((150, 1))}, "refit": False}),
    ("random_state", lambda: small(random_state=RANDOM), {}),
    ("refused", small, {"grid": {"alpha": [1.0, -1.0]}, "error_score": 0.0}),
]


@pytest.mark.parametrize(("code", "make", "rest"), CASES)
def test_a_search_says_why_it_is_not_native(code, make, rest):
    if rest.get("params", {}).get("sample_weight") is not None:
        rest = rest | {"error_score": 0.0}
        with pytest.raises(ValueError):  # all fits fail on scikit-learn's path
            searched(make(), **rest)
        return
    search = searched(make(), **rest)
    assert search.fallback_reason_ is FallbackReason(code)
    assert search.search_path_ != "native"


@pytest.fixture
def no_work(monkeypatch):
    """Fail a test that fits anything."""

    def work(*args, **kwargs):
        raise AssertionError("something was fitted")

    monkeypatch.setattr("skarma._native_fits.Rung.run", work)
    monkeypatch.setattr("skarma._native_cross_validation.NativeCrossValidation.rows", work)
    for module in ("_search", "_validation"):
        monkeypatch.setattr(f"sklearn.model_selection.{module}._fit_and_score", work)


@pytest.mark.parametrize(("code", "make", "rest"), CASES)
def test_a_search_that_must_be_native_says_so_before_any_work(code, make, rest, no_work):
    with pytest.raises(NotNativeError, match="native='require', but ") as raised:
        searched(make(), **rest, native="require")
    assert raised.value.reason is FallbackReason(code)
    assert raised.value.__context__ is None


def test_another_backend_of_joblib(no_work):
    with joblib.parallel_config(backend="threading", n_jobs=2):
        with pytest.raises(NotNativeError) as raised:
            searched(small(), native="require")
    assert raised.value.reason is FallbackReason.BACKEND


def test_results_that_are_scikit_learns(no_work):
    labels = np.stack([Y > 0, np.ones(150)], axis=1).astype(int)
    with pytest.raises(NotNativeError) as raised:
        cross_val_predict(small(), X, labels, method="predict_proba", native="require")
    assert raised.value.reason is FallbackReason.RESULT


@pytest.mark.parametrize("function", [cross_validate, cross_val_score, cross_val_predict])
def test_cross_validations_that_must_be_native(function, no_work):
    with pytest.raises(NotNativeError) as raised:
        function(LogisticRegression(), X, Y, native="require")
    assert raised.value.reason is FallbackReason.ESTIMATOR
    with pytest.raises(AssertionError, match="something was fitted"):
        function(small(), X, Y, native="require")
    with pytest.raises(ValueError, match="The 'native' parameter of"):
        function(small(), X, Y, native="always")


def test_native_never_is_scikit_learns_path(monkeypatch, caplog):
    monkeypatch.setattr("skarma._native_fits.Rung.run", None)
    monkeypatch.setattr("skarma._native_cross_validation.NativeCrossValidation.rows", None)
    search = searched(small(), native="never")
    assert search.fallback_reason_ is FallbackReason.NEVER
    assert search.search_path_ == "native='never'"
    scores = cross_val_score(small(), X, Y, native="never")
    np.testing.assert_array_equal(scores, sklearn.model_selection.cross_val_score(small(), X, Y))


def test_every_code_is_reached():
    reached = {code for code, _, _ in CASES} | {"backend", "result", "never"}
    assert reached == {reason.value for reason in FallbackReason}


def test_a_native_search_has_no_reason():
    search = searched(small(), native="require")
    assert (search.search_path_, search.fallback_reason_) == ("native", None)


def test_the_guide_has_one_row_for_each_reason():
    rows = re.findall(r"^\| `([a-z_]+)` \|", GUIDE.read_text(), re.MULTILINE)
    assert rows == [reason.value for reason in FallbackReason]


@pytest.mark.parametrize("cls", [GridSearchCV, RandomizedSearchCV])
def test_native_is_a_parameter(cls):
    search = cls(small(), {"alpha": [1.0]}, native="require")
    assert search.get_params()["native"] == "require"
    assert clone(search).native == "require"
    assert "native='require'" in repr(search)
    assert "native" not in repr(cls(small(), {"alpha": [1.0]}))
    assert cls(small(), {"alpha": [1.0]}).set_params(native="never").native == "never"
    with pytest.raises(ValueError, match="The 'native' parameter of"):
        cls(small(), {"alpha": [1.0]}, native="always").fit(X, Y)


def test_a_search_pickled_before_there_was_a_choice():
    search = GridSearchCV(small(), {"alpha": [1.0]})
    del search.__dict__["native"]
    assert search.fit(X, Y).search_path_ == "native"
    assert search.get_params()["native"] == "auto"


def test_names_that_scikit_learn_has_moved_are_not_taken_for_refusals(monkeypatch):
    with pytest.raises(AttributeError, match="_get_routed_params_for_fit"):
        with judged_by_sklearn():
            raise AttributeError("no _get_routed_params_for_fit")
    with pytest.raises(NotNative), judged_by_sklearn():
        raise TypeError("refused")

    class Moved(GridSearchCV):
        @property
        def _get_routed_params_for_fit(self):
            raise AttributeError("moved")

    with pytest.raises(AttributeError, match="moved"):
        Moved(small(), {}, cv=StratifiedKFold(2)).fit(X, Y)


def test_the_guide_lists_the_native_scorers():
    part = GUIDE.read_text().split("## Scorers")[1].split("All others")[0]
    rows = "".join(row for row in part.splitlines() if row.startswith("|"))
    assert sorted(re.findall(r"`(\w+)`", rows)) == sorted(_native.scorer_names())
