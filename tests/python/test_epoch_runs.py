"""Candidates that differ in epochs alone are scored from one training."""

import functools
import time
import warnings

import numpy as np
import pytest
from ctrl_c import ctrl_c_after
from joblib import parallel_config
from scipy.stats import randint
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV as SklearnGridSearchCV
from sklearn.model_selection import KFold
from sklearn.model_selection import RandomizedSearchCV as SklearnRandomizedSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skarma import nn
from skarma.model_selection import GridSearchCV, RandomizedSearchCV
from skarma.nn._epoch_runs import EpochRuns, SearchEnded


def network(units=8, schedule="constant", dtype="float32", random_state=0, input_shape=None):
    layers = [
        nn.Dense(units, "relu", input_shape=input_shape),
        nn.BatchNorm(),
        nn.Dropout(0.2),
        nn.Dense(3, "softmax"),
    ]
    model = nn.Sequential(layers, random_state=random_state, dtype=dtype)
    optimizer = nn.Adam(learning_rate=0.01, schedule=schedule)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def line(learning_rate=0.01):
    model = nn.Sequential([nn.Dense(1)], random_state=0)
    model.compile(nn.SGD(learning_rate=learning_rate), "squared_error")
    return model


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), np.array(["setosa", "versicolor", "virginica"])[y]


@pytest.fixture
def trainings(monkeypatch):
    """The number of epochs of each training."""
    made = []
    fit = nn.Sequential.fit

    def counted(self, x, y, batch_size, epochs, *args, **kwargs):
        made.append(epochs)
        return fit(self, x, y, batch_size, epochs, *args, **kwargs)

    monkeypatch.setattr(nn.Sequential, "fit", counted)
    return made


def assert_same_results(search, expected):
    own, theirs = search.cv_results_, expected.cv_results_
    assert set(own) == set(theirs)
    for name in theirs:
        if "_time" not in name:
            np.testing.assert_array_equal(own[name], theirs[name], err_msg=name)
    assert search.best_params_ == expected.best_params_


GRID = {"epochs": [2, 9, 5], "units": [4, 6]}


@pytest.mark.parametrize("n_jobs", [None, 3])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"schedule": "exponential(factor=0.8)", "dtype": "float64"},
        {"schedule": "step(3, factor=0.1)", "input_shape": (4,)},
        {"augment": [nn.GaussianNoise(0.1), lambda x, generator: x + generator.normal()]},
    ],
)
def test_results_are_those_of_separate_fits_bit_by_bit(iris, trainings, n_jobs, parameters):
    classifier = nn.Classifier(network, **parameters)
    options = {"cv": 3, "return_train_score": True, "scoring": ["accuracy", "neg_log_loss"]}
    options["refit"] = "neg_log_loss"
    search = GridSearchCV(classifier, GRID, n_jobs=n_jobs, **options).fit(*iris)
    best = search.best_params_["epochs"]
    assert sorted(trainings) == sorted([9] * 2 * 3 + [best])
    expected = "; fits that differ in epochs alone are of one training: 6 trainings for 18 fits"
    assert search.search_path_.endswith(expected)
    trainings.clear()
    assert_same_results(search, SklearnGridSearchCV(classifier, GRID, **options).fit(*iris))
    assert len(trainings) == 2 * 3 * 3 + 1
    assert search.estimator is classifier


def test_the_best_is_trained_by_itself(iris):
    X, y = iris
    search = GridSearchCV(nn.Classifier(network), {"epochs": [1, 8]}, cv=3).fit(X, y)
    assert search.best_params_ == {"epochs": 8}
    alone = nn.Classifier(network, epochs=8).fit(X, y)
    assert np.array_equal(search.predict_proba(X), alone.predict_proba(X))
    assert vars(search.best_estimator_).keys() == vars(alone).keys()
    assert len(search.best_estimator_.history_.epoch) == 8
    assert search.best_estimator_.set_params(epochs=1).fit(X, y).history_.epoch == [0]


def test_a_network_has_the_history_until_then(iris):
    seen = []

    def keep(estimator, X, y):
        seen.append((estimator.epochs, estimator.history_, estimator.model_.history))
        return estimator.score(X, y)

    GridSearchCV(nn.Classifier(network), {"epochs": [2, 4]}, cv=2, scoring=keep).fit(*iris)
    assert len(seen) == 4
    for epochs, history, of_model in seen:
        assert history.epoch == of_model.epoch == list(range(epochs))
        assert len(history.history["loss"]) == epochs


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
def test_a_schedule_that_needs_the_number_of_epochs_is_trained_for_each(iris, trainings, schedule):
    classifier = nn.Classifier(network, schedule=schedule)
    search = GridSearchCV(classifier, {"epochs": [2, 4]}, cv=2, refit=False).fit(*iris)
    assert sorted(trainings) == [2, 2, 4, 4]
    assert (
        f"one by one: the schedule '{schedule}' needs the number of epochs" in search.search_path_
    )
    expected = SklearnGridSearchCV(classifier, {"epochs": [2, 4]}, cv=2, refit=False).fit(*iris)
    for name in ("split0_test_score", "split1_test_score"):
        assert np.array_equal(search.cv_results_[name], expected.cv_results_[name])


def test_a_grid_may_have_both_kinds_of_schedules(iris, trainings):
    grid = {"schedule": ["cosine", "constant"], "epochs": [2, 4]}
    search = GridSearchCV(nn.Classifier(network), grid, cv=2, refit=False).fit(*iris)
    assert sorted(trainings) == [2, 2, 4, 4, 4, 4]
    assert "2 trainings for 4 fits" in search.search_path_
    assert "one by one: the schedule 'cosine'" in search.search_path_


def test_a_pipeline_and_weights(iris, trainings):
    X, y = load_iris(return_X_y=True)
    weights = np.random.RandomState(0).uniform(size=len(y))
    pipeline = Pipeline([("scaler", StandardScaler()), ("net", nn.Classifier(network))])
    grid = {"net__epochs": [3, 1], "scaler__with_std": [True, False], "net__batch_size": [16, 32]}
    fit = {"net__sample_weight": weights}
    search = GridSearchCV(pipeline, grid, cv=3, refit=False).fit(X, y, **fit)
    assert trainings == [3] * 2 * 2 * 3
    expected = SklearnGridSearchCV(pipeline, grid, cv=3, refit=False).fit(X, y, **fit)
    for split in range(3):
        name = f"split{split}_test_score"
        assert np.array_equal(search.cv_results_[name], expected.cv_results_[name])
    assert "net__epochs alone" in search.search_path_


class OwnPipeline(Pipeline):
    pass


def test_a_class_of_pipelines(iris, trainings):
    pipeline = OwnPipeline([("scaler", StandardScaler()), ("net", nn.Classifier(network))])
    GridSearchCV(pipeline, {"net__epochs": [3, 1]}, cv=2, refit=False).fit(*iris)
    assert trainings == [3, 3]


def test_folds_that_differ_in_weights_alone_are_trainings_of_their_own(iris, trainings):
    X, y = (np.concatenate([part[::3]] * 2) for part in iris)
    weights = np.random.RandomState(0).uniform(size=100)
    options = {"cv": KFold(2), "refit": False}
    grid = {"epochs": [4, 20]}
    search = GridSearchCV(nn.Classifier(network), grid, **options)
    search.fit(X, y, sample_weight=weights)
    assert trainings == [20, 20]
    expected = SklearnGridSearchCV(nn.Classifier(network), grid, **options)
    expected.fit(X, y, sample_weight=weights)
    results = [s.cv_results_["split0_test_score"] for s in (search, expected)]
    assert np.array_equal(*results)


def test_steps_with_other_numbers_of_epochs_are_trained_one_by_one(iris, trainings):
    pipeline = Pipeline([("scaler", StandardScaler()), ("net", nn.Classifier(network))])
    grid = [
        {"scaler__with_std": [True], "net__epochs": [1, 2]},
        {"scaler__with_std": [False], "net__epochs": [1, 3]},
    ]
    search = GridSearchCV(pipeline, grid, cv=2, refit=False).fit(*iris)
    assert sorted(trainings) == [1, 1, 1, 1, 2, 2, 3, 3]
    assert "other steps of the pipeline have other numbers of epochs" in search.search_path_


def test_grids_with_numbers_of_their_own(iris, trainings):
    grid = [{"units": [4], "epochs": [1, 2]}, {"units": [6], "epochs": [5]}]
    GridSearchCV(nn.Classifier(network), grid, cv=2, refit=False).fit(*iris)
    assert sorted(trainings) == [2, 2, 5, 5]


def test_a_random_search(iris, trainings):
    options = {"n_iter": 12, "random_state": 0, "cv": 2}
    distributions = {"epochs": randint(1, 8), "units": [4, 6]}
    search = RandomizedSearchCV(nn.Classifier(network), distributions, **options).fit(*iris)
    assert len(trainings) == 2 * 2 + 1
    expected = SklearnRandomizedSearchCV(nn.Classifier(network), distributions, **options)
    assert_same_results(search, expected.fit(*iris))


@pytest.mark.filterwarnings("ignore")
def test_a_training_that_fails_in_the_end_spoils_no_shorter_one(trainings):
    X, y = load_diabetes(return_X_y=True)
    grid = {"epochs": [1, 2, 60], "learning_rate": [1e-2, 300.0]}
    options = {"cv": 2, "refit": False}
    search = GridSearchCV(nn.Regressor(line), grid, **options).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    expected = SklearnGridSearchCV(nn.Regressor(line), grid, **options).fit(X, y)
    np.testing.assert_array_equal(scores, expected.cv_results_["mean_test_score"])
    assert np.isnan(scores).sum() == 1
    assert "one by one: a training failed before its last epoch" in search.search_path_


def test_without_a_random_state_a_training_is_shared_too(iris, trainings):
    classifier = nn.Classifier(network, random_state=None)
    GridSearchCV(classifier, {"epochs": [1, 2, 3]}, cv=2, refit=False).fit(*iris)
    assert trainings == [3, 3]


def test_what_cannot_be_compared_is_trained_one_by_one(iris, trainings):
    classifier = nn.Classifier(functools.partial(network, units=3))
    search = GridSearchCV(classifier, {"epochs": [1, 2]}, cv=2, refit=False).fit(*iris)
    assert sorted(trainings) == [1, 1, 2, 2]
    assert "one by one: a parameter is not equal to its copy" in search.search_path_


def test_processes_do_not_share(iris):
    with parallel_config("multiprocessing", n_jobs=2):
        search = GridSearchCV(nn.Classifier(network), {"epochs": [1, 2]}, cv=2).fit(*iris)
    assert "one by one: joblib's active backend is MultiprocessingBackend" in search.search_path_


def test_wrong_numbers_are_refused_as_by_scikit_learn(iris):
    grid = {"epochs": [0, 2, 3]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = GridSearchCV(nn.Classifier(network), grid, cv=2).fit(*iris)
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [True, False, False]
    with pytest.raises(ValueError, match="epochs must be an int of at least 1. Got 0"):
        GridSearchCV(nn.Classifier(network), grid, cv=2, error_score="raise").fit(*iris)


@pytest.mark.filterwarnings("ignore")
def test_what_is_no_number_of_epochs_is_scored_by_no_training(iris):
    grid = {"epochs": [1, 2, 1.5, "2", True, 2.0, np.float64(2), 1e1]}
    options = {"cv": 2, "error_score": -1, "refit": False}
    search = GridSearchCV(nn.Classifier(network), grid, **options).fit(*iris)
    expected = SklearnGridSearchCV(nn.Classifier(network), grid, **options).fit(*iris)
    scores = search.cv_results_["mean_test_score"]
    np.testing.assert_array_equal(scores, expected.cv_results_["mean_test_score"])
    assert (scores[2:] == -1).all() and (scores[:2] > 0).all()
    assert "one by one" not in search.search_path_


def of_flag(flag=1, nested=()):
    is_true = flag is True or (nested and nested[0]["flag"] is True)
    return network(units=16 if is_true else 4)


@pytest.mark.parametrize(
    "values", [{"flag": [1, True, 1.0]}, {"nested": [({"flag": 1},), ({"flag": True},)]}]
)
def test_equal_values_of_other_types_are_other_trainings(iris, trainings, values):
    options = {"cv": 2, "refit": False}
    grid = {"epochs": [2, 9], **values}
    search = GridSearchCV(nn.Classifier(of_flag), grid, **options).fit(*iris)
    [kinds] = values.values()
    assert trainings == [9] * 2 * len(kinds)
    expected = SklearnGridSearchCV(nn.Classifier(of_flag), grid, **options).fit(*iris)
    for split in range(2):
        name = f"split{split}_test_score"
        assert np.array_equal(search.cv_results_[name], expected.cv_results_[name])


@pytest.mark.parametrize("schedule", ["constant", "cosine"])  # one training for all, or one each
def test_ctrl_c_ends_the_trainings_of_other_threads(iris, monkeypatch, schedule):
    running, fit = [], nn.Sequential.fit

    def counted(self, *args, **kwargs):
        running.append(self)
        try:
            return fit(self, *args, **kwargs)
        finally:
            running.remove(self)

    monkeypatch.setattr(nn.Sequential, "fit", counted)
    grid = {"epochs": [10, 300_000_000], "units": [4, 5]}
    classifier = nn.Classifier(network, schedule=schedule)
    search = GridSearchCV(classifier, grid, cv=2, n_jobs=2)
    with ctrl_c_after(1.0), pytest.raises(KeyboardInterrupt):
        search.fit(*iris)
    until = time.monotonic() + 30
    while running and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.2)  # for one that would begin now
    assert running == []
    assert search.estimator is classifier


def test_other_searches_say_nothing_of_epochs(iris, trainings):
    classifier = nn.Classifier(network, verbose=2)
    search = GridSearchCV(classifier, {"units": [2, 3]}, cv=2, refit=False).fit(*iris)
    assert "epochs" not in search.search_path_
    assert trainings == [1] * 4


@pytest.mark.parametrize("schedule", ["constant", "cosine"])  # of shared trainings, of others
@pytest.mark.parametrize("n_before", [0, 1])
def test_nothing_is_fitted_once_a_search_is_over(iris, monkeypatch, n_before, schedule):
    runs = EpochRuns("epochs")
    classifier = nn.Classifier(network, epochs=2, schedule=schedule)
    runs.is_over = n_before == 0
    fits, fit = [], nn.Sequential.fit

    def ending(self, *args, **kwargs):
        fits.append(self)
        runs.is_over = True
        return fit(self, *args, **kwargs)

    monkeypatch.setattr(nn.Sequential, "fit", ending)
    with runs.of(classifier, [{"epochs": 2}, {"epochs": 5}]):
        classifier._runs = runs
        with pytest.raises(SearchEnded, match="has been ended"):
            classifier.fit(*iris)
    assert len(fits) == n_before
    assert not hasattr(classifier, "model_")
