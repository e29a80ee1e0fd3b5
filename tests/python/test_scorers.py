"""Every scorer of scikit-learn's over native fits, beside scikit-learn's own searches."""

import warnings
from functools import partial

import numpy as np
import pytest
import sklearn.model_selection as reference
import sklearn.neural_network
from same_search import assert_same_search, small
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.metrics import get_scorer_names, make_scorer
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skarma
from skarma import _native
from skarma._native_scorers import Metrics
from skarma.model_selection import GridSearchCV, cross_val_score, cross_validate

ALPHAS = {"alpha": [0.1, 10.0]}
BINARY = tuple(a[:150] for a in load_breast_cancer(return_X_y=True))
CLASSES = load_iris(return_X_y=True)
LABELS = (CLASSES[0], np.stack([CLASSES[1] > 0, CLASSES[1] == 1, CLASSES[0][:, 0] > 5.8], 1) + 0)
NUMBERS = (CLASSES[0][:, :3], np.abs(CLASSES[0][:, 3]))
OUTPUTS = (CLASSES[0][:, :2], CLASSES[0][:, 2:])
DATA = {
    "binary": ("MLPClassifier", BINARY),
    "multiclass": ("MLPClassifier", CLASSES),
    "multilabel": ("MLPClassifier", LABELS),
    "numbers": ("MLPRegressor", NUMBERS),
    "outputs": ("MLPRegressor", OUTPUTS),
}
SHUFFLED = KFold(2, shuffle=True, random_state=0)

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning"),
    pytest.mark.filterwarnings("ignore:One or more of the:UserWarning"),
    pytest.mark.filterwarnings("ignore:Scoring failed:UserWarning"),
]


def maker(cls):
    return lambda module: small(
        module, cls, learning_rate_init=0.02, batch_size=20, max_iter=15, n_iter_no_change=30
    )


@pytest.mark.parametrize("kind", DATA)
@pytest.mark.parametrize("scoring", get_scorer_names())
def test_every_scorer_by_its_name(scoring, kind):
    cls, data = DATA[kind]
    assert_same_search(
        maker(cls), ALPHAS, data, scoring=scoring, cv=SHUFFLED, return_train_score=True, refit=False
    )


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_all_scorers_at_once(kind):
    cls, data = DATA[kind]
    names = get_scorer_names()
    assert_same_search(maker(cls), ALPHAS, data, scoring=names, cv=SHUFFLED, refit=False)


def rounded(estimator, X, y):
    return round(estimator.score(X, y), 2)


def two(estimator, X, y):
    return {"accuracy": estimator.score(X, y), "ones": np.mean(estimator.predict(X) == 1)}


@pytest.mark.parametrize(
    ("scoring", "refit"),
    [
        (rounded, True),
        (two, "ones"),
        (two, False),
        (two, lambda results: 1),
        ({"a": "accuracy", "b": rounded, "c": make_scorer(metrics.matthews_corrcoef)}, "b"),
        ({"a": rounded, "b": make_scorer(metrics.f1_score, average="macro")}, "a"),
        (["accuracy", "matthews_corrcoef", "f1_macro"], "matthews_corrcoef"),
        (("jaccard_macro",), "jaccard_macro"),
        (make_scorer(metrics.fbeta_score, beta=2, average="micro"), True),
        (make_scorer(metrics.top_k_accuracy_score, k=2, response_method="predict_proba"), True),
        (make_scorer(partial(metrics.fbeta_score, beta=0.5, average="macro")), True),
        ("accuracy", lambda results: int(results["mean_test_score"].argmin())),
    ],
)
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_callables_lists_and_dicts(scoring, refit, n_jobs):
    options = {"scoring": scoring, "refit": refit, "cv": 3, "n_jobs": n_jobs}
    assert_same_search(maker("MLPClassifier"), ALPHAS, CLASSES, return_train_score=True, **options)
    scaled = lambda module: make_pipeline(StandardScaler(), small(module))  # noqa: E731
    assert_same_search(scaled, {"mlpclassifier__alpha": [1.0, 9.0]}, CLASSES, **options)


def named(scorer, y=(0, 1)):
    return Metrics(scorer, scorer, np.array(y), {}, None).all[0].scorer


def test_scorers_that_are_made_are_known_by_what_they_compute():
    for name in _native.scorer_names():
        assert named(metrics.get_scorer(name)) == name
    assert named(make_scorer(metrics.f1_score)) == "f1"
    assert named(make_scorer(metrics.f1_score, average="macro")) == "f1_macro"
    assert named(make_scorer(metrics.accuracy_score, normalize=True)) == "accuracy"
    mse = metrics.mean_squared_error
    assert named(make_scorer(mse, greater_is_better=False)) == "neg_mean_squared_error"


@pytest.mark.parametrize(
    "scorer",
    [
        make_scorer(metrics.mean_squared_error),
        make_scorer(metrics.accuracy_score, normalize=False),
        make_scorer(metrics.f1_score, pos_label=0),
        make_scorer(metrics.f1_score, average="macro", labels=[0, 1]),
        make_scorer(metrics.f1_score, average="macro", labels=np.array([0, 1])),
        make_scorer(metrics.f1_score, zero_division=0.0),
        make_scorer(metrics.r2_score, multioutput="variance_weighted"),
        make_scorer(metrics.log_loss, greater_is_better=False),
        make_scorer(metrics.fbeta_score, beta=1),
        rounded,
    ],
)
def test_scorers_with_other_parameters_are_scikit_learns(scorer):
    assert named(scorer) is None


def test_a_made_scorer_is_computed_natively(monkeypatch):
    monkeypatch.setattr("skarma._fit_reports.FitReports._scores_by_sklearn", None)
    scorers = {"a": make_scorer(metrics.f1_score, average="macro"), "b": "accuracy"}
    search = GridSearchCV(small(skarma), {}, scoring=scorers, refit=False, cv=2).fit(*CLASSES)
    assert np.isfinite(search.cv_results_["mean_test_a"]).all()


def test_one_metric_of_scikit_learns_leaves_the_others_native(monkeypatch):
    asked = []

    class Spy(Metrics):
        @property
        def others(self):
            asked.extend(super().others._scorers)
            return super().others

    monkeypatch.setattr("skarma._native_fits.Metrics", Spy)
    scoring = ["accuracy", "matthews_corrcoef", "f1_macro"]
    GridSearchCV(small(skarma), {}, scoring=scoring, refit=False, cv=2).fit(*CLASSES)
    assert set(asked) == {"matthews_corrcoef"}


class Unlucky:
    """A scorer that fails on the candidate of the larger alpha."""

    def __init__(self, result=1.0):
        self.result = result

    def __call__(self, estimator, X, y):
        if estimator.alpha > 1:
            raise ValueError("unlucky")
        return self.result


@pytest.mark.parametrize("scoring", [Unlucky(), Unlucky({"a": 1.0}), {"a": Unlucky(), "b": "r2"}])
@pytest.mark.parametrize("error_score", [np.nan, -3.0, "raise"])
def test_scorers_that_fail(scoring, error_score):
    told = []
    for module, search in (
        (sklearn.neural_network, reference.GridSearchCV),
        (skarma, GridSearchCV),
    ):
        model = small(module, "MLPRegressor", solver="lbfgs")
        options = {"scoring": scoring, "error_score": error_score, "refit": False, "cv": 2}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = search(model, ALPHAS, **options).fit(*NUMBERS).cv_results_
                means = {k: v for k, v in result.items() if k.startswith("mean_test")}
                said = {k: v.round(9).tolist() for k, v in means.items()}
            except Exception as error:
                said = repr(error)
        opening = [str(w.message).split("Details")[0] for w in caught]
        told.append((said, sorted(t for t in opening if "lbfgs" not in t)))
    assert repr(told[0]) == repr(told[1])


def test_fits_that_fail_have_the_error_score_of_each_metric_of_a_callable():
    def make(module):
        return small(module, learning_rate_init=1e300, solver="sgd", max_iter=3)

    grid = {"learning_rate_init": [1e-3, 1e300]}
    assert_same_search(make, grid, CLASSES, scoring=two, refit="ones", cv=2, error_score=-1.0)


@pytest.mark.parametrize("scoring", [rounded, two, ["accuracy", "jaccard_macro"], "jaccard_macro"])
def test_cross_validations(scoring):
    results = []
    for module, function in (
        (sklearn.neural_network, reference.cross_validate),
        (skarma, cross_validate),
    ):
        model = small(module, solver="lbfgs")
        results.append(function(model, *CLASSES, scoring=scoring, cv=3, return_train_score=True))
    assert list(results[0]) == list(results[1])
    for name, expected in results[0].items():
        if "time" not in name:
            np.testing.assert_allclose(results[1][name], expected, rtol=1e-9)
    if scoring is rounded:
        ours = cross_val_score(small(skarma, solver="lbfgs"), *CLASSES, scoring=scoring, cv=3)
        np.testing.assert_array_equal(ours, results[0]["test_score"])


def test_what_scikit_learn_scores_counts_as_score_time():
    def slow(estimator, X, y):
        import time

        time.sleep(0.02)
        return 1.0

    for scoring in (slow, {"a": "accuracy", "b": slow}):
        search = GridSearchCV(small(skarma), {}, scoring=scoring, refit=False, cv=2).fit(*CLASSES)
        assert search.search_path_ == "native"
        assert search.cv_results_["mean_score_time"].min() >= 0.02


def test_weights_reach_the_scorers_that_take_them():
    X, y = load_diabetes(return_X_y=True)
    weights = np.linspace(0.1, 4, len(y))
    scoring = {
        "a": "r2",
        "b": "neg_median_absolute_error",
        "c": "explained_variance",
        "d": make_scorer(metrics.max_error, greater_is_better=False),
    }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The scoring d=")
        assert_same_search(
            maker("MLPRegressor"),
            ALPHAS,
            (X, y),
            {"sample_weight": weights},
            scoring=scoring,
            refit="b",
            cv=2,
        )
