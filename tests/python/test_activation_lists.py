"""An activation for each hidden layer: activation=["relu", "tanh"]."""

import copy
import inspect
import json
import pickle

import numpy as np
import pytest
import sklearn.neural_network
from scipy import sparse
from scipy.special import expit
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import InvalidParameterError

import skarma
from skarma.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
NUMBERS = load_diabetes(return_X_y=True)
LIST = ["relu", "tanh"]
BOTH = [skarma.MLPClassifier, skarma.MLPRegressor]
SOLVERS = ["lbfgs", "sgd", "adam", "adamw", "rmsprop"]


def small(activation, cls=skarma.MLPClassifier, **settings):
    settings = {"hidden_layer_sizes": (9, 4), "random_state": 0, "max_iter": 30} | settings
    return cls(activation=activation, **settings)


def assert_same(one, other):
    assert all(map(np.array_equal, one.coefs_, other.coefs_))
    assert all(map(np.array_equal, one.intercepts_, other.intercepts_))


def probabilities_by_hand(network, samples, formulas):
    layers = zip(network.coefs_, network.intercepts_, [*formulas, lambda z: z], strict=True)
    for w, b, formula in layers:
        samples = formula(samples @ w + b)
    e = np.exp(samples - samples.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# ---- training and predictions


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("kind", [list, tuple])
def test_each_layer_has_its_own(solver, kind):
    activation = kind(["tanh", "logistic", "silu"])
    network = small(activation, solver=solver, hidden_layer_sizes=(9, 6, 4)).fit(X, Y)
    formulas = [np.tanh, expit, lambda z: z * expit(z)]
    expected = probabilities_by_hand(network, X, formulas)
    np.testing.assert_allclose(network.predict_proba(X), expected, rtol=1e-9)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_list_learns(solver):
    rate = 0.05 if solver == "sgd" else 0.01
    network = small(LIST, solver=solver, learning_rate_init=rate, max_iter=200).fit(X, Y)
    assert network.score(X, Y) > 0.95


def few(x):
    return np.where(np.abs(x) > 0.8, x, 0)


WAYS = {
    "dense": ({}, X),
    "float32": ({}, X.astype(np.float32)),
    "dtype": ({"dtype": "float32"}, X),
    "sparse": ({}, sparse.csr_matrix(few(X))),
    "early stopping": ({"early_stopping": True}, X),
    "three threads": ({"n_threads": 3}, X),
    "reference": ({"device": "reference"}, X),
}


@pytest.mark.parametrize("name", ["relu", "logistic", "gelu"])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("way", WAYS)
def test_a_list_of_one_name_is_that_name(name, solver, way):
    settings, samples = WAYS[way]
    settings = settings | {"solver": solver, "max_iter": 5}
    one, both = (small(a, **settings).fit(samples, Y) for a in (name, [name, name]))
    assert_same(one, both)
    assert np.array_equal(one.predict_proba(samples), both.predict_proba(samples))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_trains_as_the_reference(solver, way):
    settings, samples = WAYS[way]
    settings = settings | {"solver": solver, "max_iter": 5}
    found = small(LIST, **settings).fit(samples, Y)
    if way == "early stopping" and solver != "lbfgs":
        assert len(found.validation_scores_) == 5
    if sparse.issparse(samples):
        samples = samples.toarray()
    plain = small(LIST, **settings | {"device": "reference"}).fit(samples, Y)
    narrow = found.coefs_[0].dtype == np.float32 or samples.dtype == np.float32
    tolerance = 1e-3 if narrow else 1e-7
    for ours, theirs in zip(found.coefs_, plain.coefs_, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=tolerance)


def test_the_order_of_the_list_matters():
    one, other = (small(a).fit(X, Y) for a in (LIST, LIST[::-1]))
    assert not np.array_equal(one.predict_proba(X), other.predict_proba(X))


def test_a_single_layer_may_have_a_list():
    alone, listed = (small(a, hidden_layer_sizes=7).fit(X, Y) for a in ("tanh", ["tanh"]))
    assert_same(alone, listed)


def test_initial_weights_are_each_layers_own():
    """Glorot's bound is smaller for logistic; the last layer's is that of the layer before it."""
    network = small(["logistic", "tanh"], hidden_layer_sizes=(300, 300), learning_rate_init=1e-300)
    network.set_params(max_iter=1, alpha=0).fit(X, Y)
    for weights, factor in zip(network.coefs_, (2, 6, 6), strict=True):
        bound = np.sqrt(factor / sum(weights.shape))
        assert 0.95 * bound < np.abs(weights).max() <= bound


# ---- wrong lists


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize(
    "activation",
    [
        "relu,tanh",
        ["relu", "tahn"],
        ["relu", "auto"],
        [],
        (),
        ["relu", 3],
        [1, 2],
        ["relu", None],
        [LIST, LIST],
    ],
)
def test_a_wrong_name_is_an_invalid_parameter(cls, activation):
    with pytest.raises(InvalidParameterError) as caught:
        small(activation, cls).fit(*NUMBERS)
    text = str(caught.value)
    assert text.startswith(f"The 'activation' parameter of {cls.__name__} must be a str among {{")
    assert text.endswith(f"}} or a list of these. Got {activation!r} instead.")


def test_other_containers_are_no_lists():
    for activation in (np.array(LIST), set(LIST), dict.fromkeys(LIST), iter(LIST)):
        with pytest.raises(InvalidParameterError, match="or a list of these. Got "):
            small(activation).fit(X, Y)


WRONG_LENGTHS = [
    ((9, 4), ["relu"]),
    ((9, 4), ["relu", "tanh", "relu"]),
    ([9, 4, 3], ("relu", "tanh")),
    (9, ["relu", "tanh"]),
    (np.array([9]), ["relu", "tanh"]),
    ((), ["relu"]),
]


def length(sizes):
    return len(sizes) if hasattr(sizes, "__len__") else 1


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize(("sizes", "activation"), WRONG_LENGTHS)
@pytest.mark.parametrize("way", ["fit", "partial_fit"])
def test_a_wrong_length_is_refused_before_any_work(cls, sizes, activation, way):
    """Before the samples are looked at, which would be refused, too."""
    network = small(activation, cls, hidden_layer_sizes=sizes)
    with pytest.raises(ValueError) as caught:
        getattr(network, way)([["not", "numbers"]], [np.nan])
    assert str(caught.value) == (
        f"The 'activation' parameter of {cls.__name__} must be a str, or a list with a name for "
        f"each hidden layer. Got a list of length {len(activation)} for hidden_layer_sizes of "
        f"length {length(sizes)} instead."
    )
    assert not hasattr(network, "coefs_") and not hasattr(network, "n_features_in_")


def test_values_that_were_right_apart_are_judged_together():
    network = small(tuple(LIST), hidden_layer_sizes=(9,))
    for _ in range(2):  # the second time, each of them is known to be right
        with pytest.raises(ValueError, match="list of length 2 for hidden_layer_sizes of length 1"):
            network.fit([["not", "numbers"]], [np.nan])


def test_a_list_that_was_right_is_judged_again():
    names = list(LIST)
    network = small(names).fit(X, Y)
    names[0] = "rleu"
    with pytest.raises(InvalidParameterError, match="Got \\['rleu', 'tanh'\\] instead"):
        network.fit(X, Y)


# ---- estimators


@pytest.mark.parametrize("activation", [LIST, tuple(LIST)])
def test_parameters_stay_as_they_were_given(activation):
    network = small("relu").set_params(activation=activation)
    assert network.activation is activation
    assert network.fit(X, Y).activation is activation
    assert clone(network).activation == activation
    assert small(activation).get_params()["activation"] is activation
    assert eval(repr(clone(network)), vars(skarma)).activation == activation


@pytest.mark.parametrize("cls", BOTH)
def test_copies_predict_alike_and_go_on(cls, tmp_path):
    x, y = (X, Y) if cls is skarma.MLPClassifier else NUMBERS
    network = small(LIST, cls).fit(x, y)
    skarma.save(network, tmp_path / "net.skarma")
    for other in (
        copy.deepcopy(network),
        pickle.loads(pickle.dumps(network)),
        skarma.load(tmp_path / "net.skarma"),
    ):
        assert other.activation == LIST
        assert np.array_equal(other.predict(x), network.predict(x))
        again = copy.deepcopy(network).partial_fit(x, y)
        assert_same(other.partial_fit(x, y), again)


def test_model_files_hold_names_with_commas(tmp_path):
    path = tmp_path / "net.skarma"
    for activation, text in ((LIST, "relu,tanh"), (["silu", "silu"], "silu"), ("silu", "silu")):
        skarma.save(small(activation, max_iter=1).fit(X, Y), path)
        content = path.read_bytes()
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        assert json.loads(header["__metadata__"]["skarma"])["model"]["activation"] == text
        assert skarma.load(path).activation == activation


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize("activation", [LIST, ("relu", "relu"), ["relu", "relu"]])
def test_scikit_learn_does_not_have_lists(cls, activation):
    with pytest.raises(ValueError) as caught:
        small(activation, cls).to_sklearn()
    assert str(caught.value).startswith(f"activation={activation!r} is skarma's own: ")

    class Mine(cls):
        def _init_coef(self, *arguments):
            return super()._init_coef(*arguments)

    with pytest.raises(ValueError) as caught:
        small(activation, Mine).fit(*NUMBERS)
    assert str(caught.value).startswith(f"activation={activation!r} is skarma's own: ")


def test_the_documentation_says_that_lists_are_taken():
    for cls in BOTH:
        lines = inspect.getdoc(cls).splitlines()
        (line,) = (line for line in lines if line.startswith("activation : "))
        assert line.endswith("} or list of these, default='relu'")


# ---- attributes are the truth


def other_network(kind):
    """A network with scikit-learn's weights, and none of the native library's."""
    theirs = sklearn.neural_network.MLPClassifier((9, 4), random_state=0, max_iter=30).fit(X, Y)
    ours = skarma.MLPClassifier.from_sklearn(theirs)
    ours.activation = kind(LIST)
    return ours


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_network_of_scikit_learn_gets_a_list(kind, tmp_path):
    network = other_network(kind)
    expected = probabilities_by_hand(network, X, [lambda z: np.maximum(z, 0), np.tanh])
    np.testing.assert_allclose(network.predict_proba(X), expected, rtol=1e-9)
    skarma.save(network, tmp_path / "net")
    assert np.array_equal(skarma.load(tmp_path / "net").predict_proba(X), network.predict_proba(X))


@pytest.mark.parametrize("way", ["partial_fit", "warm start"])
def test_a_changed_list_is_what_goes_on(way):
    """As in scikit-learn, where the activation may be changed between two fits."""
    changed = small(["relu", "logistic"], warm_start=True).fit(X, Y)
    changed.activation[1] = "tanh"
    expected = probabilities_by_hand(changed, X, [lambda z: np.maximum(z, 0), np.tanh])
    np.testing.assert_allclose(changed.predict_proba(X), expected, rtol=1e-9)
    loss = -np.log(expected[np.arange(len(Y)), Y]).mean()
    changed.set_params(max_iter=1, alpha=0, shuffle=False, batch_size=len(X))
    changed.partial_fit(X, Y) if way == "partial_fit" else changed.fit(X, Y)
    np.testing.assert_allclose(changed.loss_, loss)


@pytest.mark.parametrize(
    "activation", [["relu"], ["relu", "tanh", "relu"], ["relu", "tahn"], "relu,tanh", "", 3]
)
def test_what_does_not_fit_the_weights_does_not_predict(activation):
    network = small(LIST).fit(X, Y)
    network.activation = activation
    with pytest.raises(ValueError) as caught:
        network.predict(X)
    assert str(caught.value).startswith(f"activation={activation!r} cannot be computed: ")


@pytest.mark.parametrize("activation", [LIST, "gelu"])
def test_weights_of_mixed_types_have_no_activation_of_our_own(activation):
    network = small(activation).fit(X, Y)
    network.coefs_[0] = network.coefs_[0].astype(np.float32)
    with pytest.raises(ValueError, match="for the native library weights are of several types"):
        network.predict(X)


# ---- searches

GRID = ["relu", LIST, ("tanh", "silu"), ["relu", "relu"]]


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("scaled", [False, True])
def test_searches_over_lists_are_native(n_jobs, scaled):
    network = small("relu", max_iter=10)
    estimator = make_pipeline(StandardScaler(), network) if scaled else network
    name = "mlpclassifier__activation" if scaled else "activation"
    search = GridSearchCV(estimator, {name: GRID}, cv=3, n_jobs=n_jobs).fit(X, Y)
    assert search.search_path_ == "native"
    assert list(search.cv_results_[f"param_{name}"]) == GRID
    assert [row[name] for row in search.cv_results_["params"]] == GRID
    for i, activation in enumerate(GRID):
        alone = cross_val_score(clone(estimator).set_params(**{name: activation}), X, Y, cv=3)
        assert search.cv_results_["mean_test_score"][i] == alone.mean()
    assert search.best_params_[name] == GRID[search.best_index_]


def test_a_random_search_draws_lists():
    search = RandomizedSearchCV(small("relu"), {"activation": GRID}, n_iter=3, random_state=0)
    assert search.fit(X, Y).search_path_ == "native"


def test_a_list_that_fits_with_the_candidates_sizes():
    grid = {"hidden_layer_sizes": [(5, 3), (4, 4)]}
    search = GridSearchCV(small(LIST, hidden_layer_sizes=(7,)), grid, cv=3).fit(X, Y)
    assert search.search_path_ == "native"
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores")
def test_a_candidate_of_a_wrong_length_fails_alone():
    search = GridSearchCV(small("relu"), {"activation": [LIST, ["relu"]]}, cv=3).fit(X, Y)
    assert "a list of length 1 for hidden_layer_sizes of length 2" in search.search_path_
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores[0]) and np.isnan(scores[1])
