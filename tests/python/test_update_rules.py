"""The solvers that scikit-learn does not have, held to PyTorch's optimizers."""

import copy
import pickle
import re

import numpy as np
import pytest
from pytorch_steps import assert_steps, packed, trajectories
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skarma
from skarma.model_selection import GridSearchCV, cross_validate

X, Y = load_iris(return_X_y=True)
RULES = ["rmsprop", "adamw", "adagrad", "adadelta", "amsgrad", "nadam", "lion", "rprop", "gd"]
#: trajectories/make_torch.py makes it.
TORCH = trajectories("torch.json")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def small(solver, **settings):
    common = {"hidden_layer_sizes": (5,), "max_iter": 5, "random_state": 0, "weight_decay": 0.3}
    return skarma.MLPClassifier(solver=solver, **common | settings)


def case_name(case):
    own = case["settings"]
    return f"{case['kind']}-{own['solver']}-{own['weight_decay']}"


# ---- what a step is


@pytest.mark.parametrize(
    ("settings", "rtol"),
    [
        ({}, 1e-9),
        ({"dtype": "float32"}, 1e-3),
        ({"device": "reference"}, 1e-9),
    ],
    ids=str,
)
@pytest.mark.parametrize("case", TORCH["cases"], ids=case_name)
def test_the_first_hundred_steps_are_pytorchs(case, settings, rtol):
    assert_steps(TORCH, case, rtol, **settings)


def test_every_solver_of_our_own_has_trajectories():
    solvers = skarma.MLPClassifier._parameter_constraints["solver"][0].options
    known = {case["settings"]["solver"] for case in TORCH["cases"]}
    assert known == solvers - {"lbfgs", "lm", "sgd", "adam"} == set(RULES)


def test_weight_decay_is_for_some_alone():
    for solver in ("sgd", "adam", "lbfgs", *RULES):
        decays = [packed(small(solver, weight_decay=d).fit(X, Y)) for d in (0, 5)]
        assert np.array_equal(*decays) == (solver not in ("adamw", "lion")), solver


def test_the_schedule_of_the_rate_is_sgds_alone():
    for solver in RULES:
        rates = [small(solver, learning_rate=r) for r in ("constant", "invscaling", "adaptive")]
        first, *others = (packed(network.fit(X, Y)) for network in rates)
        for other in others:
            np.testing.assert_array_equal(other, first)


def test_descent_takes_all_samples_whatever_the_batch():
    networks = [small("gd", batch_size=n).fit(X, Y) for n in ("auto", 7)]
    for network in (small("gd", batch_size=150).fit(X, Y), networks[1]):
        np.testing.assert_array_equal(packed(network), packed(networks[0]))
        np.testing.assert_array_equal(network.loss_curve_, networks[0].loss_curve_)
    plain = small("sgd", momentum=0.0, batch_size=150).fit(X, Y)
    np.testing.assert_allclose(packed(plain), packed(networks[0]), rtol=1e-12)


# ---- everything that training has


@pytest.mark.parametrize("solver", RULES)
def test_they_learn(solver):
    rate = {"adadelta": 1.0, "adagrad": 0.1, "gd": 0.1}.get(solver, 0.01)
    n_epochs = 600 if solver == "gd" else 60
    scaled = StandardScaler().fit_transform(X)
    network = small(solver, batch_size=20, max_iter=n_epochs, learning_rate_init=rate)
    assert network.fit(scaled, Y).score(scaled, Y) > 0.9
    network = small(solver, early_stopping=True, max_iter=40).fit(X, Y)
    assert len(network.validation_scores_) == network.n_iter_


@pytest.mark.parametrize("solver", RULES)
def test_partial_fit_and_warm_start_go_on(solver):
    whole = dict(batch_size=150, shuffle=False)
    at_once = small(solver, max_iter=4, **whole).fit(X, Y)
    parts = small(solver, **whole)
    for _ in range(4):
        parts.partial_fit(X, Y, classes=[0, 1, 2])
    np.testing.assert_array_equal(packed(parts), packed(at_once))
    # A fit that goes on has fresh moments, as scikit-learn's. gd has none, lion's may not tell.
    fresh = small(solver, max_iter=2, warm_start=True, **whole).fit(X, Y).fit(X, Y)
    assert len(fresh.loss_curve_) == 4
    assert solver in ("gd", "lion") or not np.array_equal(packed(fresh), packed(at_once))


@pytest.mark.parametrize("solver", RULES)
def test_samples_of_every_kind(solver):
    batch = {"batch_size": 150, "shuffle": False}
    network = small(solver, **batch).fit(X, Y)
    sparse = small(solver, **batch).fit(csr_matrix(X), Y)
    np.testing.assert_array_equal(packed(sparse), packed(network))
    weighted = small(solver, **batch).fit(X, Y, sample_weight=np.ones(150))
    np.testing.assert_allclose(packed(weighted), packed(network), rtol=1e-12)
    weights = np.arange(150) % 3
    repeated = small(solver, alpha=0.1, batch_size=int(weights.sum()), shuffle=False)
    repeated.fit(np.repeat(X, weights, axis=0), np.repeat(Y, weights))
    weighted = small(solver, alpha=0.1, **batch).fit(X, Y, sample_weight=weights)
    np.testing.assert_allclose(packed(weighted), packed(repeated), rtol=1e-9)
    narrow = small(solver, **batch).fit(X.astype(np.float32), Y)
    assert narrow.coefs_[0].dtype == np.float32
    np.testing.assert_allclose(packed(narrow), packed(network), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("solver", RULES)
def test_threads_change_no_bit(solver):
    networks = [
        small(solver, hidden_layer_sizes=(300, 300), max_iter=2, n_threads=n).fit(X, Y)
        for n in (1, 2)
    ]
    np.testing.assert_array_equal(packed(networks[0]), packed(networks[1]))


@pytest.mark.parametrize("solver", RULES)
def test_copies_of_every_kind_go_on_training(solver, tmp_path):
    network = small(solver).partial_fit(X, Y, classes=[0, 1, 2])
    network.partial_fit(X, Y)
    skarma.save(network, tmp_path / "model")
    copies = [
        skarma.load(tmp_path / "model"),
        pickle.loads(pickle.dumps(network)),
        copy.deepcopy(network),
    ]
    network.partial_fit(X, Y)
    for other in copies:
        assert (other.solver, other.weight_decay) == (solver, 0.3)
        np.testing.assert_array_equal(packed(other.partial_fit(X, Y)), packed(network))


# ---- searches


def test_searches_over_them_are_native():
    grid = [{"solver": [*RULES, "adam"]}, {"solver": ["adamw"], "weight_decay": [0.0, 5]}]
    search = GridSearchCV(small("adam", max_iter=20), grid, cv=3, scoring="neg_log_loss")
    search.fit(X, Y)
    assert search.search_path_ == "native"
    for parameters, score in zip(
        search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
    ):
        network = small("adam", max_iter=20).set_params(**parameters)
        alone = cross_validate(network, X, Y, cv=3, scoring="neg_log_loss")["test_score"]
        assert alone.mean() == score
    assert len(set(search.cv_results_["mean_test_score"])) > len(RULES)
    scaled = make_pipeline(StandardScaler(), small("rmsprop"))
    names = {"mlpclassifier__weight_decay": [0, 1], "mlpclassifier__solver": RULES}
    search = GridSearchCV(scaled, names, cv=3).fit(X, Y)
    assert search.search_path_ == "native"


# ---- what is refused, and how


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"weight_decay": -1}, "The 'weight_decay' parameter of MLPClassifier must be a float in "),
        ({"weight_decay": "0.1"}, "The 'weight_decay' parameter of MLPClassifier must be a float"),
        ({"weight_decay": np.nan}, "The 'weight_decay' parameter of MLPClassifier must be a float"),
        ({"solver": "rmsprp"}, "The 'solver' parameter of MLPClassifier must be a str among {'"),
    ],
)
def test_typos_get_the_usual_messages(parameters, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        small("adam").set_params(**parameters).fit(X, Y)


def test_typos_have_no_partial_fit():
    for solver in ("rmsprp", "lbfgs"):
        assert not hasattr(small(solver), "partial_fit")
        with pytest.raises(AttributeError, match="partial_fit"):
            small(solver).partial_fit(X, Y)
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
        small("adamw", early_stopping=True).partial_fit(X, Y, classes=[0, 1, 2])


def test_weight_decay_is_given_by_name():
    with pytest.raises(TypeError):
        skarma.MLPClassifier((5,), "relu", "adamw", 0.1)
    assert clone(skarma.MLPRegressor(weight_decay=0.2)).weight_decay == 0.2


@pytest.mark.parametrize("solver", RULES)
def test_scikit_learn_does_not_have_them(solver):
    network = small(solver).fit(X, Y)
    with pytest.raises(ValueError, match=f"solver='{solver}' is skarma's own: scikit-learn's MLPC"):
        network.to_sklearn()
    theirs = network.set_params(solver="adam").to_sklearn()
    assert not hasattr(theirs, "_optimizer")
    np.testing.assert_allclose(theirs.predict_proba(X), network.predict_proba(X), rtol=1e-12)
    theirs.partial_fit(X, Y)
    again = skarma.MLPClassifier.from_sklearn(theirs).set_params(solver=solver)
    again.set_params(warm_start=True).fit(X, Y)
    assert again.weight_decay == 0.01


@pytest.mark.parametrize("solver", RULES)
def test_a_subclass_that_only_scikit_learn_could_train_is_refused(solver):
    class Mine(skarma.MLPClassifier):
        def _init_coef(self, *arguments):
            return super()._init_coef(*arguments)

    with pytest.raises(ValueError, match=f"solver='{solver}' is skarma's own: scikit-learn's code"):
        Mine(solver=solver).fit(X, Y)


def narrowed(network):
    """The same network with weights of another type, which only a new native one can have."""
    network.coefs_ = [array.astype(np.float32) for array in network.coefs_]
    network.intercepts_ = [array.astype(np.float32) for array in network.intercepts_]
    return network


@pytest.mark.parametrize("solver", RULES)
def test_changed_weights_keep_what_the_rule_remembers(solver):
    batch = {"batch_size": 150, "shuffle": False, "learning_rate_init": 0.01}
    networks = [small(solver, **batch).fit(X, Y) for _ in range(2)]
    narrowed(networks[0]).predict(X)
    copies = [networks[0], pickle.loads(pickle.dumps(networks[0])), copy.deepcopy(networks[0])]
    networks[1].partial_fit(X, Y).partial_fit(X, Y)
    for network in copies:
        network.partial_fit(X.astype(np.float32), Y).partial_fit(X.astype(np.float32), Y)
        np.testing.assert_allclose(packed(network), packed(networks[1]), rtol=1e-4, atol=1e-5)
    narrowed(networks[1]).predict(X)
    assert not hasattr(networks[1].set_params(solver="adam").to_sklearn(), "_optimizer")


@pytest.mark.parametrize("solver", RULES)
def test_scikit_learns_code_starts_afresh_after_them(solver):
    class Mine(skarma.MLPClassifier):
        pass

    network = Mine((5,), solver=solver, max_iter=5, random_state=0).fit(X, Y)
    fresh = skarma.MLPClassifier.from_sklearn(
        copy.deepcopy(network).set_params(solver="adam").to_sklearn()
    ).to_sklearn()
    Mine._backprop = lambda self, *arguments: super(Mine, self)._backprop(*arguments)
    network.set_params(solver="adam").partial_fit(X, Y)
    np.testing.assert_allclose(packed(network), packed(fresh.partial_fit(X, Y)), rtol=1e-12)
    theirs = network.to_sklearn()
    assert type(theirs._optimizer).__name__ == "AdamOptimizer"
