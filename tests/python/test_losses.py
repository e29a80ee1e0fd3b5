"""The losses that scikit-learn's MLPRegressor does not have, held to SciPy's functions."""

import pickle
import re

import numpy as np
import pytest
import sklearn.neural_network
from scipy.optimize import minimize
from scipy.special import huber
from sklearn.linear_model import GammaRegressor, TweedieRegressor
from sklearn.metrics import mean_gamma_deviance, mean_tweedie_deviance

import skarma
from skarma.model_selection import GridSearchCV

LOSSES = {
    "huber": lambda r: huber(1.0, r),
    "huber(0.3)": lambda r: huber(0.3, r),
    "huber(delta=2)": lambda r: huber(2.0, r),
    "absolute_error": np.abs,
    "log_cosh": lambda r: np.logaddexp(r, -r) - np.log(2),
}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def data(n_outputs=1):
    random_state = np.random.RandomState(0)
    X = random_state.standard_normal((200, 4))
    y = X @ random_state.standard_normal((4, n_outputs)) + 0.3 * random_state.standard_t(
        2, (200, n_outputs)
    )
    return X, y[:, 0] if n_outputs == 1 else y


def value(name, network, X, y, weights=None):
    """What is minimised: the mean loss of a sample, summed over its outputs, and the penalty."""
    residuals = np.reshape(network.predict(X) - y, (len(X), -1))
    weights = np.ones(len(X)) if weights is None else weights
    mean = weights @ LOSSES[name](residuals).sum(axis=1) / weights.sum()
    squares = sum((coef.astype(float) ** 2).sum() for coef in network.coefs_)
    return mean + 0.5 * network.alpha * squares / weights.sum()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_is_scipys(name, weighted, n_outputs, dtype):
    X, y = data(n_outputs)
    weights = np.arange(200) % 3 + 0.5 if weighted else None
    network = skarma.MLPRegressor(
        name, (7,), solver="lbfgs", alpha=0.1, max_iter=30, random_state=0, dtype=dtype
    ).fit(X, y, sample_weight=weights)
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    assert network.loss_ == pytest.approx(value(name, network, X, y, weights), rel=tolerance)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("name", LOSSES)
def test_every_solver_goes_down(name, solver):
    X, y = data()
    network = skarma.MLPRegressor(
        name, (20,), solver=solver, learning_rate_init=0.01, max_iter=60, random_state=0
    ).fit(X, y)
    assert network.loss_curve_[-1] < 0.6 * network.loss_curve_[0]
    assert network.loss_curve_[-1] == pytest.approx(value(name, network, X, y), rel=0.05)


def test_a_linear_network_finds_the_minimum_of_hubers_loss():
    X, y = data()
    network = skarma.MLPRegressor(
        "huber", (), solver="lbfgs", alpha=0, tol=1e-9, max_iter=500, random_state=0
    ).fit(X, y)

    def mean_loss(w):
        return huber(1.0, X @ w[:4] + w[4] - y).mean()

    expected = minimize(mean_loss, np.zeros(5), method="BFGS", options={"gtol": 1e-9}).x
    found = [*network.coefs_[0][:, 0], network.intercepts_[0][0]]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_best_constant_of_the_absolute_error_is_the_median():
    y = np.array([0.0, 1.0, 2.0, 3.0, 1e6])
    network = skarma.MLPRegressor(
        "absolute_error", (), solver="sgd", alpha=0, tol=0, momentum=0, max_iter=4000,
        learning_rate="invscaling", learning_rate_init=1.0, random_state=0, batch_size=5,
    ).fit(np.zeros((5, 1)), y)  # fmt: skip
    assert network.predict([[0.0]])[0] == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("name", LOSSES)
def test_models_with_the_loss_go_everywhere(name, tmp_path):
    X, y = data()
    network = skarma.MLPRegressor(name, (5,), max_iter=5, random_state=0, warm_start=True)
    network.fit(X, y)
    skarma.save(network, tmp_path / "model")
    twins = [skarma.load(tmp_path / "model"), pickle.loads(pickle.dumps(network))]
    by_hand = skarma.MLPRegressor.from_sklearn(network.to_sklearn())
    by_hand.set_params(warm_start=True)
    for twin in [*twins, by_hand]:
        assert twin.loss == name
        np.testing.assert_array_equal(twin.predict(X), network.predict(X))
    network.fit(X, y)
    for twin in [*twins, by_hand]:
        np.testing.assert_allclose(twin.fit(X, y).predict(X), network.predict(X), rtol=1e-9)


def test_a_search_goes_over_losses():
    X, y = data()
    losses = ["squared_error", *LOSSES]
    network = skarma.MLPRegressor(hidden_layer_sizes=(5,), max_iter=20, random_state=0)
    search = GridSearchCV(network, {"loss": losses}, cv=3, scoring="neg_mean_absolute_error")
    assert search.fit(X, y).search_path_ == "native"
    assert len(set(search.cv_results_["mean_test_score"])) == len(losses)


@pytest.mark.parametrize("name", LOSSES)
def test_what_only_scikit_learn_could_train_is_refused(name):
    class Mine(skarma.MLPRegressor):
        def _init_coef(self, *arguments):
            return super()._init_coef(*arguments)

    with pytest.raises(ValueError, match=f"loss='{re.escape(name)}' is skarma's own"):
        Mine(name).fit(*data())
    with pytest.raises(ValueError, match="'loss' parameter of MLPRegressor"):
        sklearn.neural_network.MLPRegressor(name).fit(*data())


# ---- deviances of positive predictions


def positive_data():
    random_state = np.random.RandomState(0)
    X = random_state.standard_normal((300, 3))
    return X, random_state.gamma(2.0, np.exp(X @ [0.5, -0.3, 0.2]))


DEVIANCES = {
    "gamma": mean_gamma_deviance,
    "tweedie": lambda *a, **k: mean_tweedie_deviance(*a, power=1.5, **k),
    "tweedie(1)": lambda *a, **k: mean_tweedie_deviance(*a, power=1, **k),
    "tweedie(power=2)": mean_gamma_deviance,
    "tweedie(2.7)": lambda *a, **k: mean_tweedie_deviance(*a, power=2.7, **k),
}


@pytest.mark.parametrize("name", DEVIANCES)
@pytest.mark.parametrize("weighted", [False, True])
def test_deviances_are_half_of_scikit_learns(name, weighted):
    X, y = positive_data()
    weights = np.arange(len(y)) % 3 + 0.5 if weighted else None
    network = skarma.MLPRegressor(name, (5,), solver="lbfgs", alpha=0.0, max_iter=30)
    network.set_params(random_state=0).fit(X, y, sample_weight=weights)
    assert network.out_activation_ == "exp"
    value = DEVIANCES[name](y, network.predict(X), sample_weight=weights) / 2
    assert network.loss_ == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [("gamma", GammaRegressor(alpha=0)), ("tweedie(1.7)", TweedieRegressor(power=1.7, alpha=0))],
)
def test_a_linear_network_is_a_generalised_linear_model(name, theirs):
    X, y = positive_data()
    theirs.set_params(tol=1e-10, max_iter=1000, **({} if name == "gamma" else {"link": "log"}))
    theirs.fit(X, y)
    network = skarma.MLPRegressor(name, (), solver="lbfgs", alpha=0, tol=1e-10, random_state=0)
    network.fit(X, y)
    np.testing.assert_allclose(network.coefs_[0][:, 0], theirs.coef_, atol=1e-5)
    assert network.intercepts_[0][0] == pytest.approx(theirs.intercept_, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "lowest", "message"),
    [
        ("gamma", 0.0, "the loss 'gamma': they must be positive"),
        ("tweedie(2)", 0.0, "the loss 'tweedie': they must be positive"),
        ("tweedie", -1.0, "the loss 'tweedie': they must be at least 0"),
    ],
)
def test_targets_out_of_range_are_refused(name, lowest, message):
    X, y = positive_data()
    y[7] = lowest
    with pytest.raises(ValueError, match=message):
        skarma.MLPRegressor(name).fit(X, y)
    skarma.MLPRegressor("tweedie", max_iter=1).fit(X, np.maximum(y, 0))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("huber(0)", "'delta' of 'huber' must be a number above 0. Got 0 instead"),
        ("tweedie(0.5)", "'power' of 'tweedie' must be a number from 1. Got 0.5 instead"),
        ("gamma(2)", r"'gamma' takes no number. Got 'gamma\(2\)' instead"),
        ("huber(gamma=1)", r"'huber\(delta=1\)'. It has no 'gamma'"),
    ],
)
def test_wrong_numbers_are_named(name, message):
    with pytest.raises(ValueError, match=f"The 'loss' parameter of MLPRegressor: .*{message}"):
        skarma.MLPRegressor(name).fit(*positive_data())
