"""Schedules of the learning rate, held to PyTorch's."""

import json
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler

import skarma
from skarma.model_selection import GridSearchCV

#: trajectories/make_schedules.py makes it.
TORCH = json.loads((Path(__file__).parent / "trajectories" / "schedules.json").read_text())
X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
SCHEDULES = ["step", "exponential", "cosine", "one_cycle", "plateau"]

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def small(schedule, **settings):
    common = {"hidden_layer_sizes": (5,), "max_iter": 24, "random_state": 0, "tol": 0}
    common |= {"n_iter_no_change": np.inf, "learning_rate_init": 0.1}
    return skarma.MLPClassifier(learning_rate=schedule, **common | settings)


def packed(network):
    return np.concatenate([a.ravel() for a in (*network.coefs_, *network.intercepts_)])


@pytest.mark.parametrize("schedule", TORCH["rates"])
def test_the_rates_are_pytorchs(schedule):
    """Of a slope of 1 the loss goes down by the rate."""
    network = skarma.MLPRegressor(
        hidden_layer_sizes=(),
        solver="gd",
        loss="absolute_error",
        alpha=0,
        learning_rate=schedule,
        learning_rate_init=1.0,
        max_iter=24,
        tol=0,
        n_iter_no_change=np.inf,
    )
    X, y = [[1.0], [-1.0]], [100.0, -100.0]
    rates = TORCH["rates"][schedule]
    losses = network.fit(X, y).loss_curve_
    np.testing.assert_allclose(-np.diff(losses), rates[:-1], rtol=0, atol=1e-12)
    parts = clone(network)
    for _ in range(24):
        parts.partial_fit(X, y)
    np.testing.assert_allclose(parts.loss_curve_, 100, rtol=0.5)
    np.testing.assert_allclose(-np.diff(parts.loss_curve_), rates[:-1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw", "gd", "rprop"])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_solver_takes_them(solver, schedule):
    constant, going = small("constant", solver=solver), small(schedule, solver=solver)
    same = np.array_equal(packed(constant.fit(X, Y)), packed(going.fit(X, Y)))
    # There is no plateau, and rprop takes its first step alone by the rate.
    assert same == (schedule == "plateau" or (solver == "rprop" and schedule != "one_cycle"))


def test_a_plateau_lowers_the_rate():
    """No epoch but the first is better by 10."""
    never, steps = (
        small(schedule, tol=10).fit(X, Y) for schedule in ("plateau", "step(7, 13, 19)")
    )
    np.testing.assert_allclose(never.loss_curve_, steps.loss_curve_, rtol=1e-12)
    stopping = {"early_stopping": True, "tol": 10}
    never, steps = (small(name, **stopping).fit(X, Y) for name in ("plateau", "step(7, 13, 19)"))
    np.testing.assert_allclose(never.loss_curve_, steps.loss_curve_, rtol=1e-12)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_copies_go_on_where_they_are(schedule, tmp_path):
    network = small(schedule, tol=10, max_iter=9)
    for _ in range(8):
        network.partial_fit(X, Y, classes=[0, 1, 2])
    skarma.save(network, tmp_path / "model")
    copies = [skarma.load(tmp_path / "model"), pickle.loads(pickle.dumps(network))]
    for one in (network, *copies):
        for _ in range(3):
            one.partial_fit(X, Y)
        np.testing.assert_array_equal(packed(one), packed(network))


def test_searches_over_them_are_native():
    grid = {
        "learning_rate": ["constant", *SCHEDULES, "cosine(warmup=3)"],
        "solver": ["adam", "sgd"],
    }
    search = GridSearchCV(small("constant"), grid, cv=3, scoring="neg_log_loss").fit(X, Y)
    assert search.search_path_ == "native"
    assert len(set(search.cv_results_["mean_test_score"])) == 12  # no plateau


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("cosin", "The 'learning_rate' parameter of MLPClassifier must be a str among {"),
        ("cosin(warmup=3)", "The 'learning_rate' parameter of MLPClassifier must be a str among {"),
        ("cosine(warmpu=3)", "MLPClassifier: 'cosine' has no 'warmpu'. Did you mean 'warmup'?"),
        ("cosine(warmup=-1)", "'warmup' of 'cosine' must be a whole number from 0. Got -1"),
        ("constant(3)", "The 'learning_rate' parameter of MLPClassifier: 'constant(3)' takes no"),
        ("step(5", "'step(5' is not written as 'step(every=10)'."),
    ],
)
def test_typos_are_named(schedule, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        small(schedule).fit(X, Y)


def test_scikit_learn_does_not_have_them():
    network = small("cosine").fit(X, Y)
    with pytest.raises(ValueError, match="learning_rate='cosine' is skarma's own: scikit-learn's"):
        network.to_sklearn()

    class Mine(skarma.MLPClassifier):
        def _init_coef(self, *arguments):
            return super()._init_coef(*arguments)

    with pytest.raises(ValueError, match="learning_rate='cosine' is skarma's own: scikit-learn's"):
        Mine(learning_rate="cosine").fit(X, Y)
