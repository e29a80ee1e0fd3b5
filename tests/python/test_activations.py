"""Activations that scikit-learn does not have."""

import copy
import pickle
import re

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import approx_fprime
from scipy.special import expit, ndtr
from sklearn.datasets import load_diabetes, load_iris

import skarma
from skarma.model_selection import GridSearchCV, cross_val_score

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)

FORMULAS = {
    "gelu": lambda z: z * ndtr(z),
    "gelu_tanh": lambda z: z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))) / 2,
    "silu": lambda z: z * expit(z),
    "mish": lambda z: z * np.tanh(np.logaddexp(0, z)),
    "leaky_relu(0.1)": lambda z: np.where(z > 0, z, 0.1 * z),
    "elu(alpha=0.7)": lambda z: np.where(z > 0, z, 0.7 * np.expm1(np.minimum(z, 0))),
    "selu": lambda z: np.where(
        z > 0, 1.0507009873554805 * z, 1.7580993408473769 * np.expm1(np.minimum(z, 0))
    ),
    "softplus": lambda z: np.logaddexp(0, z),
    "softsign": lambda z: z / (1 + np.abs(z)),
    "hard_tanh": lambda z: np.clip(z, -1, 1),
}
own_activations = pytest.mark.parametrize("activation", FORMULAS)


def small(activation, **settings):
    settings = {"hidden_layer_sizes": (9, 4), "random_state": 0, "max_iter": 30} | settings
    return skarma.MLPClassifier(activation=activation, **settings)


def probabilities_by_hand(network, samples, formula):
    for w, b in zip(network.coefs_[:-1], network.intercepts_[:-1], strict=True):
        samples = formula(samples @ w + b)
    z = samples @ network.coefs_[-1] + network.intercepts_[-1]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@own_activations
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_outputs_are_the_formulas(activation):
    network = small(activation).fit(X, Y)
    wide = np.vstack([X, 30 * X, -30 * X])
    expected = probabilities_by_hand(network, wide, FORMULAS[activation])
    np.testing.assert_allclose(network.predict_proba(wide), expected, rtol=1e-9, atol=1e-300)


@own_activations
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_step_goes_down_the_gradient_of_the_formula(activation):
    """One full-batch step of sgd without momentum, beside differences of the loss by hand."""
    settings = {"solver": "sgd", "momentum": 0, "batch_size": len(X), "alpha": 0.0}
    network = small(activation, max_iter=1, learning_rate_init=1.0, **settings)
    start = small(activation, max_iter=1, learning_rate_init=1e-300, **settings).fit(X, Y)

    def loss(bias):
        moved = copy.deepcopy(start)
        moved.intercepts_ = [bias, *start.intercepts_[1:]]
        p = probabilities_by_hand(moved, X, FORMULAS[activation])
        return -np.log(p[np.arange(len(Y)), Y]).mean()

    after = network.fit(X, Y)
    gradient = start.intercepts_[0] - after.intercepts_[0]
    np.testing.assert_allclose(gradient, approx_fprime(start.intercepts_[0], loss), atol=2e-7)


@own_activations
@pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adam", "adamw", "rmsprop"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_they_learn_with_every_solver(activation, solver):
    rate = 0.05 if solver == "sgd" else 0.01
    network = small(activation, solver=solver, learning_rate_init=rate, max_iter=100).fit(X, Y)
    assert network.score(X, Y) > 0.95


@own_activations
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_samples_of_every_kind(activation):
    few = np.where(np.abs(X) > 0.8, X, 0)
    dense = small(activation).fit(few, Y)
    on_rows = small(activation).fit(sparse.csr_matrix(few), Y)
    assert np.array_equal(dense.coefs_[0], on_rows.coefs_[0])
    narrow = small(activation).fit(few.astype(np.float32), Y)
    assert narrow.coefs_[0].dtype == np.float32
    np.testing.assert_allclose(narrow.coefs_[0], dense.coefs_[0], atol=1e-3)


@own_activations
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_threads_change_no_bit(activation, solver):
    x, y = load_diabetes(return_X_y=True)
    settings = {"hidden_layer_sizes": (300, 70), "activation": activation, "max_iter": 3}
    fits = [
        skarma.MLPRegressor(**settings, solver=solver, random_state=0, n_threads=n).fit(x, y)
        for n in (1, 2, 4)
    ]
    for one in fits[1:]:
        assert all(map(np.array_equal, fits[0].coefs_, one.coefs_))


@own_activations
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_layers_that_are_left_to_blas(activation):
    x = np.random.default_rng(0).normal(size=(40, 1100))
    y = np.arange(40) % 3
    networks = [
        small(activation, hidden_layer_sizes=(1100, 1000), max_iter=2, device=device).fit(x, y)
        for device in ("cpu", "reference")
    ]
    for fast, plain in zip(*(network.coefs_ for network in networks), strict=True):
        np.testing.assert_allclose(fast, plain, rtol=1e-6, atol=1e-9)


@own_activations
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_copies_predict_alike_and_go_on(activation, tmp_path):
    network = small(activation).fit(X, Y)
    skarma.save(network, tmp_path / "net.skarma")
    for other in (pickle.loads(pickle.dumps(network)), skarma.load(tmp_path / "net.skarma")):
        assert other.activation == activation
        assert np.array_equal(other.predict_proba(X), network.predict_proba(X))
        again = copy.deepcopy(network).partial_fit(X, Y)
        assert np.array_equal(other.partial_fit(X, Y).coefs_[0], again.coefs_[0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_searches_over_them_are_native():
    grid = {"activation": ["relu", *FORMULAS]}
    search = GridSearchCV(small("relu"), grid, cv=3).fit(X, Y)
    assert search.search_path_ == "native"
    for i, activation in enumerate(grid["activation"]):
        alone = cross_val_score(small(activation), X, Y, cv=3)
        assert search.cv_results_["mean_test_score"][i] == alone.mean()


@own_activations
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn_does_not_have_them(activation):
    network = small(activation).fit(X, Y)
    with pytest.raises(ValueError, match=f"activation='{re.escape(activation)}' is skarma's own"):
        network.to_sklearn()

    class Mine(skarma.MLPClassifier):
        def _init_coef(self, *arguments):
            return super()._init_coef(*arguments)

    with pytest.raises(ValueError, match=f"activation='{re.escape(activation)}' is skarma's own"):
        Mine(activation=activation).fit(X, Y)


def test_a_typo_names_the_nearest():
    with pytest.raises(ValueError, match="'gelu_tanh'.*Got 'gelu_tan' instead"):
        skarma.MLPClassifier(activation="gelu_tan").fit(X, Y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_numbers_may_be_left_out():
    for alone, with_number in {"leaky_relu": "leaky_relu(0.01)", "elu": "elu(alpha=1)"}.items():
        by_default = small(alone).fit(X, Y)
        for text in (with_number, with_number.replace("=", " = ")):
            assert np.array_equal(small(text).fit(X, Y).coefs_[0], by_default.coefs_[0])
    other = small("leaky_relu(0.2)").fit(X, Y)
    assert not np.array_equal(other.coefs_[0], small("leaky_relu").fit(X, Y).coefs_[0])


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        ("tanh(2)", r"'tanh' takes no number. Got 'tanh\(2\)' instead"),
        (
            "leaky_relu(alpha=1)",
            r"'leaky_relu' takes one number: 'leaky_relu\(slope=0.01\)'. It has no 'alpha'",
        ),
        ("leaky_relu(-0.5)", "'slope' of 'leaky_relu' must be a number from 0. Got -0.5 instead"),
        (["relu", "elu(1, 2)"], r"'elu' takes one number: 'elu\(alpha=1\)'. Got 'elu\(1, 2\)'"),
    ],
)
def test_wrong_numbers_are_named(activation, message):
    with pytest.raises(ValueError, match=f"The 'activation' parameter of MLPClassifier: {message}"):
        small(activation).fit(X, Y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_searches_over_numbers_are_native():
    grid = {"activation": ["leaky_relu(0.05)", "leaky_relu(0.3)", ["elu(0.5)", "relu"]]}
    search = GridSearchCV(small("relu"), grid, cv=3).fit(X, Y)
    assert search.search_path_ == "native"
    for i, activation in enumerate(grid["activation"]):
        alone = cross_val_score(small(activation), X, Y, cv=3)
        assert search.cv_results_["mean_test_score"][i] == alone.mean()


XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_step_lets_nothing_back():
    """Hidden layers keep their weights, as the fixed units of Rosenblatt's perceptron."""
    x, y = XOR
    settings = {"hidden_layer_sizes": (30,), "solver": "lbfgs", "alpha": 0.0, "random_state": 1}
    network = skarma.MLPClassifier(activation="step", **settings).fit(x, y)
    start = skarma.MLPClassifier(activation="step", max_iter=1, **settings).fit(x, y)
    assert np.array_equal(network.coefs_[0], start.coefs_[0])
    assert not np.array_equal(network.coefs_[1], start.coefs_[1])
    assert network.score(x, y) == 1.0


def test_units_of_mcculloch_and_pitts_compute_xor():
    """A net that was fitted with another activation, whose weights are then set by hand."""
    x, y = XOR
    network = skarma.MLPRegressor(
        hidden_layer_sizes=(2,), activation="logistic", solver="lbfgs"
    ).fit(x, y)
    network.activation = "step"
    network.coefs_ = [np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[1.0], [-1.0]])]
    network.intercepts_ = [np.array([-0.5, -1.5]), np.array([0.0])]
    assert np.array_equal(network.predict(x), y)
