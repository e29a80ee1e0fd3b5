"""MLPRegressor(loss="quantile"): one level or several, which do not cross."""

import copy
import pickle

import numpy as np
import pytest
import sklearn
from sklearn.linear_model import QuantileRegressor
from sklearn.metrics import d2_pinball_score, mean_pinball_loss
from sklearn.model_selection import cross_val_score as sklearn_cross_val_score

import skarma
from skarma.model_selection import GridSearchCV, cross_val_score

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

LEVELS = [0.1, 0.5, 0.9]


def data(n=400):
    random_state = np.random.RandomState(0)
    X = random_state.uniform(-1, 1, (n, 2))
    return X, X[:, 0] + (1.1 + X[:, 1]) * random_state.standard_normal(n)


def small(levels, **settings):
    settings = {"hidden_layer_sizes": (8,), "activation": "tanh", "random_state": 0} | settings
    return skarma.MLPRegressor("quantile", quantile=levels, **{"max_iter": 60} | settings)


@pytest.mark.parametrize("levels", [0.3, [0.3], LEVELS])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_is_the_mean_pinball_loss(levels, weighted):
    X, y = data()
    weights = np.arange(len(y)) % 3 + 0.5 if weighted else None
    network = small(levels, solver="lbfgs", alpha=0.0).fit(X, y, sample_weight=weights)
    predicted = network.predict(X).reshape(len(y), -1)
    values = [
        mean_pinball_loss(y, q, alpha=level, sample_weight=weights)
        for q, level in zip(predicted.T, np.atleast_1d(levels), strict=True)
    ]
    assert network.loss_ == pytest.approx(np.mean(values), rel=1e-10)


def test_shapes_follow_the_levels():
    X, y = data()
    assert small(0.5).fit(X, y).predict(X).shape == (400,)
    several = small(LEVELS).fit(X, y)
    assert several.predict(X).shape == (400, 3)
    assert several.out_activation_ == "ordered"
    assert several.coefs_[-1].shape == (8, 3)


@pytest.mark.parametrize("solver", ["lbfgs", "adam", "sgd"])
def test_quantiles_do_not_cross(solver):
    X, y = data()
    levels = [0.01, 0.1, 0.45, 0.5, 0.55, 0.9, 0.99]
    network = small(levels, solver=solver, hidden_layer_sizes=(30,), max_iter=100).fit(X, y)
    far = np.random.RandomState(1).uniform(-30, 30, (5000, 2))
    assert (np.diff(network.predict(far), axis=1) >= 0).all()


def test_shares_below_are_the_levels():
    X, y = data(2000)
    network = small(LEVELS, learning_rate_init=0.01, max_iter=300, alpha=0.0).fit(X, y)
    shares = (y[:, None] <= network.predict(X)).mean(axis=0)
    np.testing.assert_allclose(shares, LEVELS, atol=0.03)


def test_a_linear_network_finds_what_linear_programming_finds():
    X, y = data()
    network = small(0.8, hidden_layer_sizes=(), solver="adam", learning_rate="cosine", alpha=0.0,
                    learning_rate_init=0.05, max_iter=600, tol=0, n_iter_no_change=600)  # fmt: skip
    network.fit(X, y)
    exact = QuantileRegressor(quantile=0.8, alpha=0).fit(X, y)
    best = mean_pinball_loss(y, exact.predict(X), alpha=0.8)
    assert mean_pinball_loss(y, network.predict(X), alpha=0.8) == pytest.approx(best, rel=1e-3)


@pytest.mark.parametrize("levels", [0.3, LEVELS])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_score_is_the_mean_pinball_skill(levels, weighted):
    X, y = data()
    weights = np.arange(len(y)) % 3 + 0.5 if weighted else None
    network = small(levels).fit(X, y)
    predicted = network.predict(X).reshape(len(y), -1)
    skills = [
        d2_pinball_score(y, q, alpha=level, sample_weight=weights)
        for q, level in zip(predicted.T, np.atleast_1d(levels), strict=True)
    ]
    is_same = tuple(map(int, sklearn.__version__.split(".")[:2])) >= (1, 9)
    tolerance = 1e-12 if is_same else 0.01  # it took another quantile before
    assert network.score(X, y, weights) == pytest.approx(np.mean(skills), rel=tolerance)


def test_early_stopping_watches_the_skill():
    X, y = data()
    network = small(LEVELS, early_stopping=True, max_iter=50, learning_rate_init=0.01).fit(X, y)
    assert 0 < network.best_validation_score_ < 1


def test_searches_are_native_and_score_as_the_estimator_does():
    X, y = data()
    grid = {"quantile": [0.2, [0.2, 0.8], (0.1, 0.5, 0.9)], "alpha": [0.0, 1.0]}
    search = GridSearchCV(small(0.5, max_iter=20), grid, cv=3).fit(X, y)
    assert search.search_path_ == "native"
    for i, parameters in enumerate(search.cv_results_["params"]):
        alone = clone_with(parameters)
        scores = sklearn_cross_val_score(alone, X, y, cv=3)
        assert search.cv_results_["mean_test_score"][i] == pytest.approx(scores.mean(), rel=1e-12)
    assert cross_val_score(small(LEVELS, max_iter=20), X, y, cv=3).shape == (3,)


def clone_with(parameters):
    return small(parameters["quantile"], alpha=parameters["alpha"], max_iter=20)


def test_models_go_everywhere(tmp_path):
    X, y = data()
    network = small(np.array(LEVELS), warm_start=True).fit(X, y)
    skarma.save(network, tmp_path / "model")
    for twin in (skarma.load(tmp_path / "model"), pickle.loads(pickle.dumps(network))):
        assert list(twin.quantile) == LEVELS
        assert np.array_equal(twin.predict(X), network.predict(X))
        twin.set_params(warm_start=True)
        assert np.array_equal(twin.fit(X, y).coefs_[0], copy.deepcopy(network).fit(X, y).coefs_[0])
    by_hand = copy.deepcopy(network)
    by_hand.coefs_ = [1.0 * coef for coef in network.coefs_]
    by_hand.__dict__.pop("_model")
    np.testing.assert_allclose(by_hand.predict(X), network.predict(X), rtol=1e-12)


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ([0.9, 0.1], r"'quantile' parameter of MLPRegressor must rise .* Got \[0.9, 0.1\] instead"),
        ([0.5, 0.5], "must rise from level to level"),
        (1.0, "'quantile' parameter of MLPRegressor must be a float in the range"),
        (0.0, "'quantile' parameter of MLPRegressor must be a float in the range"),
        ([0.5, 1.5], "'quantile' parameter of MLPRegressor must be"),
        ([], "'quantile' parameter of MLPRegressor must be"),
        ("half", "'quantile' parameter of MLPRegressor must be"),
    ],
)
def test_wrong_levels_are_named(levels, message):
    with pytest.raises(ValueError, match=message):
        small(levels).fit(*data())


def test_what_is_refused():
    X, y = data()
    with pytest.raises(ValueError, match="takes its levels from the parameter 'quantile'"):
        skarma.MLPRegressor("quantile(0.3)").fit(X, y)
    with pytest.raises(ValueError, match="The loss 'quantile' takes targets of one output. Got 2"):
        small(0.5).fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="loss='quantile' is skarma's own"):
        small(LEVELS).fit(X, y).to_sklearn()


def test_input_gradients_are_of_the_sum_over_levels():
    X = np.random.RandomState(0).standard_normal((20, 3))
    y = X[:, 0] + 0.5
    network = skarma.MLPRegressor("quantile", (4,), "tanh", quantile=[0.1, 0.5], random_state=0)
    ours = network.fit(X, y).input_gradient(X, y)

    def losses(x):
        r = y[:, None] - network.predict(x)
        return np.maximum(r * [0.1, 0.5], r * [-0.9, -0.5]).mean(axis=1)

    for j, step in enumerate(1e-6 * np.eye(3)):
        slope = (losses(X + step) - losses(X - step)) / 2e-6
        np.testing.assert_allclose(ours[:, j], slope, atol=1e-8)
    with pytest.raises(ValueError, match="takes targets of one output. Got 2 outputs"):
        network.input_gradient(X, np.column_stack([y, y]))
