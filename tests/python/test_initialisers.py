"""First weights: drawn as a name says, or given."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV as SklearnGridSearchCV

import skarma
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)
SHAPES = [(4, 6), (6, 3)]
NAMES = [
    *("glorot_uniform", "glorot_normal", "he_uniform", "he_normal"),
    *("lecun_uniform", "lecun_normal", "orthogonal(1.41)", "constant(0.1)"),
]
#: A learning rate so small that no step moves a weight by a bit.
STILL = {"solver": "sgd", "learning_rate_init": 1e-300, "max_iter": 1, "alpha": 0}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def small(**settings):
    common = {"hidden_layer_sizes": (6,), "max_iter": 4, "random_state": 0}
    return skarma.MLPClassifier(**common | settings)


def numbers(network):
    return np.concatenate([a.ravel() for a in (*network.coefs_, *network.intercepts_)])


def drawn(random_state, init, shape):
    """By NumPy alone: variances of the papers, uniform ones within sqrt(3 v)."""
    fan_in, fan_out = shape
    if init.startswith("orthogonal"):
        normal = random_state.normal(size=shape)
        q, r = np.linalg.qr(normal if fan_in >= fan_out else normal.T)
        q = 1.41 * q * np.sign(np.diag(r))
        return q if fan_in >= fan_out else q.T
    if init.startswith("constant"):
        return np.full(shape, 0.1)
    scale = {"glorot": 2 / (fan_in + fan_out), "he": 2 / fan_in, "lecun": 1 / fan_in}
    variance = scale[init.partition("_")[0]]
    if init.endswith("uniform"):
        bound = np.sqrt(3 * variance)
        return random_state.uniform(-bound, bound, size=shape)
    return np.sqrt(variance) * random_state.normal(size=shape)


@pytest.mark.parametrize("init", NAMES)
@pytest.mark.parametrize("settings", [{}, {"dtype": "float32"}, {"device": "reference"}], ids=str)
def test_first_weights_are_numpys(init, settings):
    network = small(init=init, **STILL, **settings).fit(X, Y)
    random_state = np.random.RandomState(0)
    for coefs, intercepts, shape in zip(network.coefs_, network.intercepts_, SHAPES, strict=True):
        expected = drawn(random_state, init, shape).astype(coefs.dtype)
        np.testing.assert_allclose(coefs, expected, rtol=1e-6 if settings else 1e-13, atol=1e-15)
        assert np.abs(intercepts).max() <= 1e-45


def test_the_default_is_scikit_learns():
    network = small(**STILL).fit(X, Y)
    random_state = np.random.RandomState(0)
    for coefs, intercepts, shape in zip(network.coefs_, network.intercepts_, SHAPES, strict=True):
        bound = np.sqrt(6 / sum(shape))
        np.testing.assert_array_equal(coefs, random_state.uniform(-bound, bound, shape))
        np.testing.assert_array_equal(intercepts, random_state.uniform(-bound, bound, shape[1]))


@pytest.mark.parametrize("init", NAMES)
def test_every_solver_goes_on_from_them(init):
    for solver in ("lbfgs", "adam", "gd"):
        network = small(init=init, solver=solver, max_iter=3).fit(X, Y)
        assert not np.array_equal(numbers(network), numbers(small(solver=solver).fit(X, Y)))


def test_a_generator_goes_on_behind_normal_numbers():
    """An odd count leaves half of a pair behind, which NumPy's generator keeps."""
    shared = np.random.RandomState(0)
    small(hidden_layer_sizes=(1,), init="he_normal", random_state=shared, **STILL).fit(
        X[:, :2], Y > 0
    )
    expected = np.random.RandomState(0)
    expected.normal(size=3)
    expected.permutation(len(X))
    assert shared.normal() == expected.normal()


@pytest.mark.parametrize("init", ["he_normal", "orthogonal(1.41)"])
def test_copies_files_and_grids_keep_it(init, tmp_path):
    network = small(init=init).fit(X, Y)
    skarma.save(network, tmp_path / "it.safetensors")
    for twin in (clone(network), skarma.load(tmp_path / "it.safetensors"), copy.copy(network)):
        assert twin.get_params()["init"] == init
        np.testing.assert_array_equal(numbers(twin.fit(X, Y)), numbers(network))
    grid = {"init": ["auto", init, "constant(0.1)"]}
    ours = GridSearchCV(small(), grid, cv=3).fit(X, Y)
    theirs = SklearnGridSearchCV(small(), grid, cv=3).fit(X, Y)
    assert ours.search_path_ == "native"
    scores = "mean_test_score"
    np.testing.assert_array_equal(ours.cv_results_[scores], theirs.cv_results_[scores])


@pytest.mark.parametrize(
    ("init", "message"),
    [
        ("he_norml", "must be a str among"),
        ("orthogonal(-1)", "'gain' of 'orthogonal' must be a number above 0"),
        ("he_normal(2)", "'he_normal' takes no number"),
        (None, "must be a str among"),
    ],
)
def test_wrong_names_are_refused(init, message):
    with pytest.raises(ValueError, match="The 'init' parameter of MLPClassifier") as error:
        small(init=init).fit(X, Y)
    assert message in str(error.value)


# ---- given weights


def given(seed=1):
    random_state = np.random.RandomState(seed)
    return (
        [random_state.normal(size=shape) for shape in SHAPES],
        [random_state.normal(size=shape[1]) for shape in SHAPES],
    )


@pytest.mark.parametrize("solver", ["adam", "lbfgs", "sgd", "rprop"])
def test_fits_start_from_given_weights(solver):
    coefs, intercepts = given()
    one = small(solver=solver, shuffle=False, coefs_init=coefs, intercepts_init=intercepts)
    # The same by hand: a network that nothing has moved, with these weights, goes on.
    other = small(**STILL).fit(X, Y).set_params(max_iter=4, warm_start=True, solver=solver)
    other.set_params(learning_rate_init=0.001, alpha=0.0001, shuffle=False)
    other.coefs_, other.intercepts_ = coefs, intercepts
    np.testing.assert_array_equal(numbers(other.fit(X, Y)), numbers(one.fit(X, Y)))


def test_given_weights_are_the_first_ones_whatever_else_is_drawn():
    coefs, intercepts = given()
    both = small(coefs_init=coefs, intercepts_init=intercepts, **STILL).fit(X, Y)
    for ours, theirs in zip(both.coefs_ + both.intercepts_, coefs + intercepts, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    plain = small(**STILL).fit(X, Y)
    one = small(coefs_init=coefs, **STILL).fit(X, Y)
    np.testing.assert_array_equal(one.coefs_[1], coefs[1])
    np.testing.assert_array_equal(one.intercepts_[1], plain.intercepts_[1])
    other = small(intercepts_init=intercepts, **STILL).fit(X, Y)
    np.testing.assert_array_equal(other.coefs_[1], plain.coefs_[1])
    np.testing.assert_array_equal(other.intercepts_[1], intercepts[1])


def test_shuffles_and_held_out_samples_are_those_without_given_weights():
    plain = small(**STILL).fit(X, Y)
    settings = {"max_iter": 6, "early_stopping": True, "dropout": 0.2}
    expected = small(**settings).fit(X, Y)
    first = {"coefs_init": plain.coefs_, "intercepts_init": plain.intercepts_}
    np.testing.assert_array_equal(numbers(small(**first, **settings).fit(X, Y)), numbers(expected))


def test_given_weights_are_for_new_networks_alone():
    coefs, intercepts = given()
    network = small(coefs_init=coefs, intercepts_init=intercepts, warm_start=True, **STILL)
    network.fit(X, Y).coefs_[0][0, 0] = 9
    assert network.fit(X, Y).coefs_[0][0, 0] == 9
    once = small(coefs_init=coefs, **STILL).partial_fit(X, Y, classes=[0, 1, 2])
    np.testing.assert_array_equal(once.coefs_[0], coefs[0])
    once.coefs_[0][0, 0] = 9
    assert once.partial_fit(X, Y).coefs_[0][0, 0] == 9


def test_given_weights_stay_with_copies_files_and_searches(tmp_path):
    coefs, intercepts = given()
    network = small(coefs_init=coefs, intercepts_init=intercepts)
    assert network.get_params()["coefs_init"] is coefs
    fitted = clone(network).fit(X, Y)
    skarma.save(fitted, tmp_path / "it.safetensors")
    for twin in (
        clone(fitted),
        copy.deepcopy(fitted),
        pickle.loads(pickle.dumps(fitted)),
        skarma.load(tmp_path / "it.safetensors"),
    ):
        for name, arrays in (("coefs_init", coefs), ("intercepts_init", intercepts)):
            for ours, theirs in zip(twin.get_params()[name], arrays, strict=True):
                np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(numbers(twin.fit(X, Y)), numbers(fitted))
    search = GridSearchCV(network, {"alpha": [1e-3, 1e-2]}, cv=2).fit(X, Y)
    assert search.search_path_ == "native"
    best = clone(network).set_params(**search.best_params_).fit(X, Y)
    np.testing.assert_array_equal(numbers(search.best_estimator_), numbers(best))
    grid = {"coefs_init": [None, coefs]}
    theirs = SklearnGridSearchCV(network, grid, cv=2).fit(X, Y)
    ours = GridSearchCV(network, grid, cv=2).fit(X, Y)
    assert "coefs_init" in ours.search_path_
    np.testing.assert_array_equal(
        ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"]
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"coefs_init": given()[0][:1]}, "an array for each of the 2 layers of weights. Got 1"),
        (
            {"coefs_init": [np.zeros((4, 6)), np.zeros((3, 6))]},
            "must have an array of shape (6, 3) for layer 1. Got one of shape (3, 6) instead.",
        ),
        ({"intercepts_init": [np.zeros(6), np.zeros(4)]}, "of shape (3,) for layer 1. Got one of"),
        ({"intercepts_init": [np.zeros(6), np.full(3, np.nan)]}, "must be finite. Got NaN or"),
        ({"coefs_init": []}, "coefs_init must have an array for each layer of weights, or be None"),
        ({"coefs_init": [np.zeros(4), np.zeros(3)]}, "coefs_init[0] must have 2 dimensions"),
        ({"intercepts_init": [["a"], [1]]}, "intercepts_init[0] must be an array of numbers."),
        ({"coefs_init": "zeros"}, "must be an instance of 'list'"),
        (
            {"coefs_init": given()[0], "n_init": 3},
            "The 'n_init' parameter of MLPClassifier must be 1 where coefs_init is given. Got 3",
        ),
    ],
)
def test_wrong_weights_are_refused(settings, message):
    with pytest.raises(ValueError) as error:
        small(**settings).fit(X, Y)
    assert message in str(error.value)


def test_scikit_learns_own_code_does_not_have_them():
    class Changed(skarma.MLPClassifier):
        def _backprop(self, *arguments):
            return super()._backprop(*arguments)

    coefs, _ = given()
    for settings, name in (({"init": "he_normal"}, "init"), ({"coefs_init": coefs}, "coefs_init")):
        with pytest.raises(ValueError, match=f"{name}.* is skarma's own"):
            Changed((6,), max_iter=2, **settings).fit(X, Y)
