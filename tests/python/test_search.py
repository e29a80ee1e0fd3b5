"""The native search gives what scikit-learn's gives, and says when it is not used."""

import copy
import os
import signal

import numpy as np
import pytest
import sklearn.model_selection as reference
import sklearn.neural_network
from ctrl_c import ctrl_c_after
from same_search import assert_same_search, small
from scipy.stats import loguniform
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.model_selection import ShuffleSplit, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import skarma
from skarma import _fit_reports
from skarma.model_selection import GridSearchCV, RandomizedSearchCV

X, Y = load_breast_cancer(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_a_pipeline_with_train_scores():
    assert_same_search(
        lambda module: make_pipeline(StandardScaler(), small(module, solver="lbfgs")),
        {"mlpclassifier__alpha": list(np.logspace(-3, 3, 4))},
        (X, Y),
        return_train_score=True,
    )


def test_several_metrics_and_grids():
    assert_same_search(
        lambda module: make_pipeline(MinMaxScaler((-1, 1)), small(module)),
        [
            {"mlpclassifier__alpha": [1e-3, 0.1]},
            {"mlpclassifier__hidden_layer_sizes": [(3,), (4, 2)], "mlpclassifier__solver": ["sgd"]},
        ],
        (X, Y),
        scoring=["accuracy", "roc_auc", "f1"],
        refit="roc_auc",
        cv=StratifiedKFold(3, shuffle=True, random_state=0),
        n_jobs=2,
    )


def test_named_scorers_without_refit():
    search = assert_same_search(
        small,
        {"batch_size": [64, "auto"]},
        (X, Y),
        scoring={"loss": "neg_log_loss", "hits": "accuracy"},
        refit=False,
        cv=3,
    )
    assert not hasattr(search, "best_params_")


def test_the_public_attributes_are_scikit_learns():
    names = [
        {name for name in dir(search(small(module), {}).fit(X, Y)) if not name.startswith("_")}
        for module, search in (
            (sklearn.neural_network, reference.GridSearchCV),
            (skarma, GridSearchCV),
        )
    ]
    assert names[0] | {"native", "journal", "plot"} == names[1]


def test_a_callable_refit():
    assert_same_search(small, {"alpha": [0.1, 1.0, 10.0]}, (X, Y), refit=lambda results: 1, cv=2)


def test_a_regression_with_float32_and_a_generator():
    data = DIABETES[0].astype(np.float64), DIABETES[1]
    assert_same_search(
        lambda module: small(module, "MLPRegressor", random_state=np.random.RandomState(3)),
        {"activation": ["tanh", "relu"]},
        data,
        cv=ShuffleSplit(3, random_state=1),
        scoring="neg_mean_absolute_error",
    )


def test_string_labels_and_sample_weights():
    labels = np.array(["bad", "good"])[Y]
    assert_same_search(
        small,
        {"alpha": [0.1, 1.0]},
        (X, labels),
        {"sample_weight": np.linspace(0.5, 2.0, len(Y))},
        cv=3,
        return_train_score=True,
    )


@pytest.mark.filterwarnings("ignore:Scoring failed")
@pytest.mark.filterwarnings("ignore:One or more of the")
def test_a_scorer_that_fails_gives_the_error_score():
    three = np.arange(len(Y)) % 3
    search = assert_same_search(
        small, {"alpha": [0.1]}, (X, three), scoring="f1", cv=2, error_score=-1.0
    )
    assert search.best_score_ == -1.0


@pytest.mark.parametrize("hidden", [(3,), (1000,)])  # the large ones share a fit among threads
def test_results_do_not_depend_on_the_number_of_threads(hidden):
    scores = []
    for n_jobs in (None, 1, 2, 4, 16):
        network = small(skarma, hidden_layer_sizes=hidden)
        search = GridSearchCV(network, {"alpha": [0.1, 1.0, 10.0]}, n_jobs=n_jobs, cv=3)
        scores.append(search.fit(X, Y).cv_results_["mean_test_score"])
    for other in scores[1:]:
        np.testing.assert_array_equal(other, scores[0])


@pytest.mark.parametrize(
    ("reason", "estimator", "options"),
    [
        (
            "the pipeline is verbose",
            make_pipeline(StandardScaler(), small(skarma), verbose=True),
            {},
        ),
        ("not exactly skarma's", small(sklearn.neural_network), {}),
        ("the network is verbose", small(skarma, verbose=True), {}),
        ("iterated over but once", small(skarma), {"cv": StratifiedKFold(2).split(X[:80], Y[:80])}),
    ],
)
def test_what_is_not_native_says_why(reason, estimator, options):
    name = "mlpclassifier__" if hasattr(estimator, "steps") else ""
    search = GridSearchCV(estimator, {name + "alpha": [1.0]}, **{"cv": 2} | options).fit(
        X[:80], Y[:80]
    )
    assert reason in search.search_path_
    assert "best_params_" in vars(search)


def test_bad_input_is_scikit_learns_to_judge():
    with pytest.raises(ValueError, match="Invalid parameter 'alhpa'"):
        GridSearchCV(small(skarma), {"alhpa": [1.0]}).fit(X, Y)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        GridSearchCV(small(skarma), {"alpha": [1.0]}, error_score="raise").fit(X * np.nan, Y)
    with pytest.raises(ValueError, match="Cannot have number of splits n_splits=5"):
        GridSearchCV(small(skarma), {"alpha": [1.0]}).fit(X[:3], Y[:3])


def test_ctrl_c_ends_a_search():
    search = GridSearchCV(
        small(skarma, hidden_layer_sizes=(100, 100), max_iter=2000, n_iter_no_change=2000),
        {"alpha": [0.1, 1.0]},
        n_jobs=2,
    )
    with ctrl_c_after(1.0), pytest.raises(KeyboardInterrupt):
        search.fit(X, Y)


def interrupted(grid, fits_until, **options):
    """A search that Ctrl-C ends once so many fits are done."""
    n_done = 0

    class Interrupting(_fit_reports.FitReports):
        def row(self, *arguments):
            nonlocal n_done
            n_done += 1
            if n_done > fits_until:
                os.kill(os.getpid(), signal.SIGINT)
            return super().row(*arguments)

    search = GridSearchCV(small(skarma), grid, **options)
    with pytest.MonkeyPatch.context() as patch, ctrl_c_after(3600):
        patch.setattr("skarma._native_fits.FitReports", Interrupting)
        with pytest.raises(KeyboardInterrupt):
            search.fit(X, Y)
    return search


@pytest.mark.parametrize("options", [{}, {"scoring": ["accuracy", "f1"], "refit": "f1"}])
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_ctrl_c_keeps_the_candidates_that_are_complete(n_jobs, options):
    grid = {"alpha": [0.1, 1.0, 10.0, 100.0, 1000.0, 3.0, 5.0]}
    # Of 15 fits of 7 candidates, some candidate has all of its 3.
    search = interrupted(grid, 15, cv=3, n_jobs=n_jobs, **options)
    whole = GridSearchCV(small(skarma), grid, cv=3, **options | {"refit": False})
    whole.fit(X, Y)
    kept = search.cv_results_["params"]
    assert 0 < len(kept) < 7
    rows = [whole.cv_results_["params"].index(params) for params in kept]
    assert list(search.cv_results_) == list(whole.cv_results_)
    for key, values in whole.cv_results_.items():
        if "test" in key and "rank" not in key:
            np.testing.assert_array_equal(search.cv_results_[key], np.asarray(values)[rows])
    assert search.n_splits_ == 3 and search.search_path_ == "native"
    assert not hasattr(search, "best_params_") and not hasattr(search, "best_estimator_")


def test_ctrl_c_before_a_candidate_is_complete_leaves_the_search_as_it_was():
    search = interrupted({"alpha": [0.1, 1.0]}, 1, cv=3)
    assert not hasattr(search, "cv_results_")


@pytest.mark.parametrize("seed", [0, np.random.RandomState(4)])
def test_a_randomised_search_draws_the_same_candidates(seed):
    grid = {"alpha": loguniform(1e-3, 1e2), "activation": ["relu", "tanh"]}
    generators = copy.deepcopy(seed), copy.deepcopy(seed)
    theirs = reference.RandomizedSearchCV(
        small(sklearn.neural_network), grid, n_iter=4, cv=3, random_state=generators[0]
    ).fit(X, Y)
    ours = RandomizedSearchCV(small(skarma), grid, n_iter=4, cv=3, random_state=generators[1]).fit(
        X, Y
    )
    assert ours.search_path_ == "native"
    assert ours.cv_results_["params"] == theirs.cv_results_["params"]
    np.testing.assert_allclose(
        ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"], rtol=1e-9
    )
    if isinstance(seed, np.random.RandomState):
        assert generators[0].randint(1 << 30) == generators[1].randint(1 << 30)


def test_a_randomised_search_that_is_not_native_draws_the_same_candidates():
    grid = {"alpha": loguniform(1e-3, 1e2)}
    drawn = []
    for module, search in (
        (sklearn.neural_network, reference.RandomizedSearchCV),
        (skarma, RandomizedSearchCV),
    ):
        estimator = small(module, max_iter=1)
        folds = StratifiedKFold(2).split(X, Y)  # can be iterated over but once
        drawn.append(
            search(estimator, grid, n_iter=3, cv=folds, random_state=np.random.RandomState(1))
            .fit(X, Y)
            .cv_results_["params"]
        )
    assert drawn[0] == drawn[1]


def test_candidates_and_splits_come_from_one_generator_in_scikit_learns_order():
    grid = {"alpha": loguniform(1e-3, 1e2)}
    splits = ShuffleSplit(2)
    results = []
    for module, search in (
        (sklearn.neural_network, reference.RandomizedSearchCV),
        (skarma, RandomizedSearchCV),
    ):
        np.random.seed(11)
        fitted = search(small(module), grid, n_iter=3, cv=splits, refit=False).fit(X, Y)
        results.append((fitted.cv_results_, np.random.random()))
    assert results[0][0]["params"] == results[1][0]["params"]
    np.testing.assert_allclose(
        results[0][0]["mean_test_score"], results[1][0]["mean_test_score"], rtol=1e-9
    )
    assert results[0][1] == results[1][1]
