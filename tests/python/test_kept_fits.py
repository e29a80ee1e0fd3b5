"""Halving searches by epochs whose networks go on from rung to rung: as if from the start."""

import time
import warnings

import numpy as np
import pytest
from ctrl_c import ctrl_c_after
from same_search import small
from scipy.sparse import csr_matrix
from scipy.stats import loguniform
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import skarma
from skarma import _kept_fits
from skarma.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    NotNativeError,
)

IRIS = load_iris(return_X_y=True)
DIGITS = tuple(a[:300] for a in load_digits(return_X_y=True))
GRID = {"alpha": [1e-3, 1.0], "learning_rate_init": [0.1, 0.01, 0.001]}
EPOCHS = {"resource": "max_iter", "min_resources": 2, "max_resources": 18, "cv": 2}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def network(name="MLPClassifier", **params):
    return small(skarma, name, **{"batch_size": 20} | params)


def both(make, grid=None, data=IRIS, params=None, cls=HalvingGridSearchCV, rtol=0, **options):
    """The search with networks from the start, and with networks that go on: the same scores."""
    grid = GRID if grid is None else grid
    searches = []
    for keep_state in (False, True):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            search = cls(make(), grid, keep_state=keep_state, **EPOCHS | options)
            search.fit(*data, **params or {})
        said = sorted(str(w.message) for w in caught if "seconds" not in str(w.message))
        searches.append((search, said))
    (anew, said), (kept, said_of_kept) = searches
    assert said == said_of_kept
    assert kept.search_path_ == "native"
    before = kept.cv_results_["n_resources_before"]
    steps = [0, *kept.n_resources_[:-1]]
    assert before.tolist() == [steps[i] for i in kept.cv_results_["iter"]]
    assert "n_resources_before" not in anew.cv_results_
    for key, expected in anew.cv_results_.items():
        if "time" not in key and key != "params":
            got = kept.cv_results_[key]
            if rtol and "score" in key:  # scikit-learn's metric rounds otherwise than the library's
                np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol)
            else:
                np.testing.assert_array_equal(got, expected, key)
    assert kept.best_params_ == anew.best_params_
    np.testing.assert_array_equal(kept.predict(data[0]), anew.predict(data[0]))
    return kept


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"shuffle": False},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.01, "n_iter_no_change": 2},
        {"solver": "sgd", "learning_rate": "invscaling", "nesterovs_momentum": False},
        {"solver": "nadam", "learning_rate": "exponential(factor=0.9)"},
        {"tol": 0.05, "n_iter_no_change": 1},
        {"batch_norm": True},
        {"random_state": np.random.RandomState(3)},
        {"dtype": "float32", "hidden_layer_sizes": (4, 3)},
        {"batch_size": 500},
    ],
    ids=str,
)
def test_networks_go_on_as_if_they_had_never_stopped(params):
    both(lambda: network(**params))


@pytest.mark.parametrize("n_jobs", [2, 4])
def test_several_threads_and_samples_of_many_kinds(n_jobs):
    both(lambda: network(), data=(csr_matrix(DIGITS[0]), DIGITS[1]), n_jobs=n_jobs)
    targets = (IRIS[0][:, :3], IRIS[0][:, 3:])  # a column
    both(lambda: network("MLPRegressor"), data=targets, n_jobs=n_jobs, rtol=1e-13)
    options = {"cv": KFold(3, shuffle=True, random_state=1), "factor": 2, "scoring": "accuracy"}
    weights = {"sample_weight": np.linspace(0.2, 2, 150)}
    both(lambda: network(), params=weights, n_jobs=n_jobs, rtol=1e-13, **options)


def test_pipelines_keep_their_transformers():
    grid = {"mlpclassifier__alpha": [1e-3, 1.0, 9.0], "standardscaler__with_mean": [True, False]}
    kept = HalvingGridSearchCV(
        make_pipeline(StandardScaler(), MinMaxScaler(), network()),
        grid,
        **EPOCHS | {"resource": "mlpclassifier__max_iter"},
        keep_state=True,
    ).fit(*IRIS)
    anew = HalvingGridSearchCV(
        make_pipeline(StandardScaler(), MinMaxScaler(), network()),
        grid,
        **EPOCHS | {"resource": "mlpclassifier__max_iter"},
    ).fit(*IRIS)
    for key in ("mean_test_score", "mean_train_score"):
        np.testing.assert_allclose(kept.cv_results_[key], anew.cv_results_[key], rtol=1e-12)
    assert kept.cv_results_["n_resources_before"].tolist()[-1] > 0


def test_draws_and_candidates_that_are_there_twice():
    draws = {"alpha": loguniform(1e-4, 1)}
    both(network, draws, cls=HalvingRandomSearchCV, n_candidates=6, random_state=0)
    both(network, {"alpha": [0.1, 0.1, 0.1, 1.0]}, factor=2)


def test_fits_that_fail_go_first():
    options = {"error_score": -1.0, "factor": 2}
    with pytest.warns(FitFailedWarning):
        kept = HalvingGridSearchCV(
            network(solver="sgd"),
            {"learning_rate_init": [1e-2, 1e200, 1e-3]},
            keep_state=True,
            **EPOCHS | options,
        ).fit(*IRIS)
    assert kept.best_params_["learning_rate_init"] < 1
    assert (kept.cv_results_["mean_test_score"] == -1.0).sum() == 1


def test_networks_that_have_stopped_by_themselves_do_not_go_on():
    kept = both(lambda: network(tol=10.0, n_iter_no_change=1), min_resources=4)
    assert kept.n_resources_ == [4, 12]


def test_epochs_are_trained_once(monkeypatch):
    trained = []
    from skarma._kept_fits import _State

    plain = _State.train

    def counting(self, *args):
        plain(self, *args)
        trained.append(self.model.n_iter)

    monkeypatch.setattr(_State, "train", counting)
    HalvingGridSearchCV(network(tol=0), GRID, keep_state=True, refit=False, **EPOCHS).fit(*IRIS)
    # 6 candidates of 2 epochs, 2 of which go on to 6; there are two folds.
    assert sum(trained) == 2 * (6 * 2 + 2 * (6 - 2))


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"solver": "lbfgs"}, "solver='lbfgs', which has no minibatches"),
        ({"early_stopping": True}, "early_stopping=True, which holds out"),
        ({"random_state": None}, "random_state=None: give the network a seed"),
        ({"learning_rate": "cosine"}, "learning_rate='cosine', which needs the number of epochs"),
        ({"dropout": 0.5}, "dropout, which draws anew"),
        ({"noise": 0.5}, "noise, which draws anew"),
        ({"n_init": 2}, "n_init=2"),
        ({"n_members": 2}, "n_members=2"),
    ],
)
def test_networks_that_cannot_go_on(params, text):
    search = HalvingGridSearchCV(network(**params), GRID, keep_state=True, **EPOCHS)
    with pytest.raises(ValueError, match=f"keep_state=True cannot go on with {text}"):
        search.fit(*IRIS)


def test_searches_that_cannot_keep_states():
    search = HalvingGridSearchCV(network(), GRID, keep_state=True)
    with pytest.raises(ValueError, match="keep_state=True needs resource='max_iter'. Got 'n_sam"):
        search.fit(*IRIS)
    with pytest.raises(ValueError, match="needs a native search. Got native='never'"):
        search.set_params(resource="max_iter", native="never").fit(*IRIS)
    other = HalvingGridSearchCV(LogisticRegression(), {"C": [1.0]}, keep_state=True, **EPOCHS)
    with pytest.raises(NotNativeError):
        other.fit(*IRIS)
    with pytest.raises(ValueError, match="The 'keep_state' parameter"):
        HalvingGridSearchCV(network(), GRID, keep_state="yes", **EPOCHS).fit(*IRIS)
    assert "keep_state" not in GridSearchCV(network(), GRID).get_params()


@pytest.mark.parametrize("n_iter_no_change", [1, 2, 3])
def test_a_network_that_stops_in_the_last_epoch_of_a_rung_has_stopped(n_iter_no_change):
    both(
        lambda: network(tol=10, n_iter_no_change=n_iter_no_change),
        min_resources=n_iter_no_change + 2,
        scoring="neg_log_loss",
        rtol=1e-12,
    )


def test_a_rung_of_no_further_epochs_trains_nothing():
    search = HalvingGridSearchCV(
        network(),
        {"alpha": [1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0]},
        keep_state=True,
        aggressive_elimination=True,
        **EPOCHS | {"min_resources": 2, "max_resources": 4, "factor": 2},
    ).fit(*IRIS)
    rungs = dict(zip(search.cv_results_["iter"], search.cv_results_["n_resources"], strict=True))
    assert rungs == {0: 2, 1: 2, 2: 4}
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    kept = search.cv_results_["n_resources_before"][search.cv_results_["iter"] == 1]
    assert kept.tolist() == [2, 2, 2]


def test_trainings_end_with_the_search(monkeypatch):
    running, train = [], _kept_fits._State.train

    def watched(self, *arguments):
        running.append(self)
        try:
            return train(self, *arguments)
        finally:
            running.remove(self)

    monkeypatch.setattr(_kept_fits._State, "train", watched)
    endless = network(hidden_layer_sizes=(200, 200), tol=0, n_iter_no_change=10**9)
    options = EPOCHS | {"min_resources": 10**6, "max_resources": 4 * 10**6}
    search = HalvingGridSearchCV(
        endless, {"alpha": [1, 2, 3, 4]}, keep_state=True, n_jobs=2, **options
    )
    with ctrl_c_after(1.0), pytest.raises(KeyboardInterrupt):
        search.fit(*DIGITS)
    until = time.monotonic() + 60
    while running and time.monotonic() < until:
        time.sleep(0.05)
    assert running == []
