"""What can stand around the activations of hidden layers, and before the first one: dropout, noise,
batch_norm, layer_norm and residual.
"""

import copy
import json
import pickle
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV as SklearnGridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skarma
from skarma._model_state import unpacked
from skarma.model_selection import GridSearchCV

X, Y = load_digits(return_X_y=True)
X, Y = X[:300] / 16, Y[:300]
#: trajectories/make_torch_layers.py makes it.
TORCH = json.loads((Path(__file__).parent / "trajectories" / "torch_layers.json").read_text())
LAYERS = [
    {"dropout": 0.3},
    {"batch_norm": True},
    {"residual": True},
    {"dropout": 0.3, "batch_norm": True, "residual": True},
    {"layer_norm": True},
    {"dropout": [0.2, 0.0, 0.3]},
    {"noise": 0.1},
    {"dropout": [0.2, 0.1, 0.3], "noise": 0.1, "layer_norm": True, "residual": True},
    {"activation": "maxout(3)"},
    {"activation": ["maxout", "tanh"], "dropout": 0.3, "batch_norm": True, "residual": True},
]
NORMS = ("batch_norms_", "layer_norms_")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def small(**settings):
    common = {"hidden_layer_sizes": (20, 20), "max_iter": 5, "random_state": 0}
    return skarma.MLPClassifier(**common | settings)


def numbers(network):
    """All that a fitted network computes from."""
    parts = (*network.coefs_, *network.intercepts_, *norms_of(network))
    return np.concatenate([np.ravel(a) for a in parts])


def norms_of(network):
    return [a for name in NORMS for a in getattr(network, name, [])]


# ---- what is computed


def assert_close(ours, theirs, rtol):
    if rtol < 1e-6:
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol)
    else:  # in float32 a unit may be on the other side of a kink for a step
        assert np.mean(np.abs(ours - np.array(theirs))) < rtol * max(1.0, np.mean(np.abs(theirs)))


@pytest.mark.parametrize(
    ("settings", "rtol"),
    [({}, 1e-9), ({"dtype": "float32"}, 1e-2), ({"device": "reference"}, 1e-9)],
    ids=str,
)
@pytest.mark.parametrize("case", TORCH["cases"], ids=lambda c: f"{c['kind']}-{c['options']}")
def test_a_hundred_steps_are_pytorchs(case, settings, rtol):
    samples = np.array(TORCH["data"]["X"])
    network = getattr(skarma, case["kind"])(
        activation=case["activation"],
        shuffle=False,
        random_state=0,
        tol=0,
        n_iter_no_change=np.inf,
        **TORCH["settings"],
        **case["options"],
        **settings,
    ).fit(samples, TORCH["data"][case["kind"]])
    assert_close(network.loss_curve_, case["losses"], rtol)
    for ours, theirs in zip(network.coefs_, case["coefs"], strict=True):
        assert_close(ours, theirs, rtol)
    for ours, theirs in zip(norms_of(network), case["norms"], strict=True):
        assert_close(ours, theirs, rtol)
    outputs = np.array(case["outputs"])
    if case["kind"] == "MLPRegressor":
        assert_close(network.predict(samples), outputs[:, 0], rtol)
    else:
        softmax = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
        assert_close(network.predict_proba(samples), softmax, rtol)


def test_dropout_keeps_the_mean_of_what_it_reads():
    """One step without momentum moves the last bias by the mean residual: of a linear network with
    a single constant sample, by that of dropout's outputs.
    """
    rate, n_units = 0.3, 1000
    network = skarma.MLPRegressor(
        hidden_layer_sizes=(n_units,), activation="identity", solver="sgd", alpha=0, dropout=rate
    )
    coefs = [np.ones((1, n_units)), np.full((n_units, 1), 1 / n_units)]
    means = []
    for seed in range(50):
        network.set_params(random_state=seed, momentum=0, learning_rate_init=1.0, max_iter=1)
        network.partial_fit(np.ones((200, 1)), np.zeros(200))
        network.coefs_, network.intercepts_ = coefs, [np.zeros(n_units), np.zeros(1)]
        network.partial_fit(np.ones((200, 1)), np.zeros(200))
        means.append(-network.intercepts_[1][0])
    # A mean of 200 rows of 1000 units; each unit has the variance rate / (1 - rate).
    deviation = np.sqrt(rate / (1 - rate) / (200 * n_units))
    assert abs(np.mean(means) - 1) < 4 * deviation / np.sqrt(len(means))
    assert 0.6 * deviation < np.std(means) < 1.5 * deviation
    hidden = network.coefs_[0][0] + network.intercepts_[0]
    output = hidden @ network.coefs_[1][:, 0] + network.intercepts_[1][0]
    assert network.predict(np.ones((1, 1)))[0] == pytest.approx(output)  # nothing is dropped


def one_step(network, X, y, coefs, intercepts):
    """One step of gradient descent from these weights, with a learning rate of 1."""
    network.set_params(
        solver="sgd", momentum=0, learning_rate_init=1.0, alpha=0, batch_size=len(X), max_iter=1
    )
    network.partial_fit(X, y)
    network.coefs_ = [np.array(a, float) for a in coefs]
    network.intercepts_ = [np.array(a, float) for a in intercepts]
    return network.partial_fit(X, y)


def test_dropout_of_inputs_keeps_their_mean():
    n = 1000
    means = []
    for seed in range(50):
        network = skarma.MLPRegressor(hidden_layer_sizes=(), dropout=[0.3], random_state=seed)
        one_step(network, np.ones((200, n)), np.zeros(200), [np.full((n, 1), 1 / n)], [[0.0]])
        means.append(-network.intercepts_[0][0])
    deviation = np.sqrt(0.3 / 0.7 / (200 * n))
    assert abs(np.mean(means) - 1) < 4 * deviation / np.sqrt(len(means))
    assert 0.6 * deviation < np.std(means) < 1.5 * deviation
    output = network.coefs_[0].sum() + network.intercepts_[0][0]
    assert network.predict(np.ones((1, n)))[0] == pytest.approx(output)  # nothing is dropped


def test_noise_has_the_mean_and_the_deviation_that_it_says():
    """A linear unit's bias moves by the mean of 1 + noise, its weight by the mean square."""
    X = np.ones((50_000, 1))
    kept = X.copy()
    network = skarma.MLPRegressor(hidden_layer_sizes=(), noise=0.5, random_state=0)
    one_step(network, X, np.zeros(len(X)), [[[1.0]]], [[0.0]])
    mean, square = -network.intercepts_[0][0], 1 - network.coefs_[0][0, 0]
    assert mean != 1
    assert mean == pytest.approx(1, abs=4 * 0.5 / np.sqrt(len(X)))
    assert square - mean**2 == pytest.approx(0.25, abs=4 * 0.25 * np.sqrt(2 / len(X)))
    assert np.array_equal(X, kept)
    again = skarma.MLPRegressor(hidden_layer_sizes=(), noise=0.5, random_state=1)
    one_step(again, X, np.zeros(len(X)), [[[1.0]]], [[0.0]])
    assert again.intercepts_[0][0] != network.intercepts_[0][0]


@pytest.mark.parametrize("rate", [0.1, 0.4])
def test_dropout_after_selu_keeps_mean_and_variance(rate):
    """Of normal numbers selu makes some with mean 0 and variance 1. The last bias moves by the mean
    of what dropout leaves, and the loss is half its mean square.
    """
    X = np.random.RandomState(0).standard_normal((200_000, 1))
    network = skarma.MLPRegressor(
        hidden_layer_sizes=(1,), activation="selu", dropout=rate, random_state=0
    )
    one_step(network, X, np.zeros(len(X)), [[[1.0]], [[1.0]]], [[0.0], [0.0]])
    assert network.intercepts_[1][0] == pytest.approx(0, abs=0.015)
    assert 2 * network.loss_ == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("layers", LAYERS, ids=str)
def test_predictions_and_validation_are_without_chance(layers):
    X_val = X.copy()
    network = small(**layers).fit(X, Y, X_val=X_val, y_val=Y)
    p = network.predict_proba(X)
    assert np.array_equal(network.predict_proba(X), p)
    loss = -np.mean(np.log(p[np.arange(len(Y)), Y]))
    assert network.validation_loss_curve_[-1] == pytest.approx(loss)
    gradient = network.input_gradient(X[:5], Y[:5])
    assert np.array_equal(network.input_gradient(X[:5], Y[:5]), gradient)


@pytest.mark.parametrize("solver", ["gd", "rprop"])
@pytest.mark.parametrize("layers", LAYERS, ids=str)
def test_solvers_of_all_samples_take_them(layers, solver):
    networks = [
        small(solver=solver, batch_size=len(Y), device=device, max_iter=3, **layers).fit(X, Y)
        for device in ("cpu", "reference")
    ]
    np.testing.assert_allclose(networks[0].loss_curve_, networks[1].loss_curve_, rtol=1e-6)
    assert np.array_equal(numbers(clone(networks[0]).fit(X, Y)), numbers(networks[0]))


def test_dropout_draws_one_number_more_and_other_layers_none():
    """Behind the initial weights, so that these stay: the generator says how many it has given."""
    settings = {"shuffle": False, "early_stopping": False}
    plain_state = np.random.RandomState(7)
    plain = small(random_state=plain_state, **settings).fit(X, Y)
    others = {"batch_norm": True, "residual": True}
    other_state = np.random.RandomState(7)
    small(random_state=other_state, **settings, **others).fit(X, Y)
    assert np.array_equal(other_state.get_state()[1], plain_state.get_state()[1])
    assert other_state.get_state()[2] == plain_state.get_state()[2]
    dropped_state = np.random.RandomState(7)
    dropped = small(random_state=dropped_state, **settings, dropout=1e-12).fit(X, Y)
    np.testing.assert_allclose(numbers(dropped), numbers(plain), rtol=1e-6, atol=1e-9)
    plain_state.bytes(4)
    assert dropped_state.bytes(8) == plain_state.bytes(8)


def test_rates_of_zero_are_no_dropout():
    plain = numbers(small().fit(X, Y))
    for rates in ([0, 0, 0], (0.0, 0.0, 0.0), np.zeros(3)):
        assert np.array_equal(numbers(small(dropout=rates).fit(X, Y)), plain)
    same = numbers(small(dropout=[0, 0.3, 0.3]).fit(X, Y))
    assert np.array_equal(same, numbers(small(dropout=0.3).fit(X, Y)))


def test_masks_depend_on_the_seed_and_on_the_step():
    first = small(dropout=0.5, max_iter=1, shuffle=False)
    again, other = clone(first).fit(X, Y), clone(first).set_params(random_state=1).fit(X, Y)
    first.fit(X, Y)
    assert np.array_equal(numbers(first), numbers(again))
    assert not np.array_equal(numbers(first), numbers(other))
    generator = np.random.RandomState(0)
    networks = [clone(first).set_params(random_state=generator) for _ in range(2)]
    start = [a.copy() for a in first.coefs_]
    losses = []
    for network in networks:
        network.partial_fit(X, Y, classes=np.arange(10))
        for mine, same in zip(network.coefs_, start, strict=True):
            mine[:] = same
        losses.append(network.partial_fit(X, Y).loss_)
    assert losses[0] != losses[1]


@pytest.mark.parametrize("layers", LAYERS, ids=str)
@pytest.mark.parametrize("n_threads", [2, 3])
def test_threads_change_no_bit(layers, n_threads):
    settings = {"hidden_layer_sizes": (300, 300), "batch_size": 250, "max_iter": 2}
    one = small(**settings, **layers).fit(X, Y)
    several = small(**settings, **layers, n_threads=n_threads).fit(X, Y)
    assert np.array_equal(numbers(one), numbers(several))
    assert np.array_equal(one.predict_proba(X), several.predict_proba(X))


@pytest.mark.parametrize("layers", LAYERS, ids=str)
@pytest.mark.parametrize(
    "settings",
    [
        {"solver": "sgd"},
        {"solver": "rmsprop"},
        {"solver": "adamw"},
        {"early_stopping": True},
        {"activation": "gelu"},
        {"activation": ["tanh", "silu"]},
        {"dtype": "float32"},
    ],
    ids=str,
)
def test_the_reference_agrees(layers, settings):
    fast, slow = (small(device=d, **(layers | settings)).fit(X, Y) for d in ("cpu", "reference"))
    rtol = 5e-2 if "dtype" in settings else 1e-6
    np.testing.assert_allclose(fast.loss_curve_, slow.loss_curve_, rtol=rtol)
    np.testing.assert_allclose(fast.predict_proba(X), slow.predict_proba(X), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("layers", LAYERS, ids=str)
def test_sparse_samples_and_weights(layers):
    weights = np.linspace(0.5, 2, len(Y))
    dense = small(**layers).fit(X, Y, sample_weight=weights)
    sparse = small(**layers).fit(csr_matrix(X), Y, sample_weight=weights)
    np.testing.assert_allclose(numbers(sparse), numbers(dense), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(sparse.predict_proba(csr_matrix(X)), dense.predict_proba(X))


def test_a_minibatch_of_one_row_is_no_accident():
    network = small(batch_norm=True, batch_size=len(Y) - 1, hidden_layer_sizes=(20,)).fit(X, Y)
    assert np.isfinite(numbers(network)).all()
    alone = small(batch_norm=True, max_iter=2).fit(X[:1], Y[:1])
    assert np.isfinite(numbers(alone)).all()


def test_residual_is_for_equal_hidden_widths_alone():
    same = {"hidden_layer_sizes": (20, 10, 30), "max_iter": 2}
    plain, added = small(**same).fit(X, Y), small(**same, residual=True).fit(X, Y)
    assert np.array_equal(numbers(plain), numbers(added))
    lone = {"hidden_layer_sizes": (64,), "max_iter": 2}  # as wide as the samples
    assert np.array_equal(
        numbers(small(**lone).fit(X, Y)), numbers(small(**lone, residual=True).fit(X, Y))
    )
    assert not np.array_equal(numbers(small().fit(X, Y)), numbers(small(residual=True).fit(X, Y)))


@pytest.mark.parametrize("layers", [{"residual": True}, {"layer_norm": True}], ids=str)
def test_what_is_a_function_of_a_sample_is_for_lbfgs_too(layers):
    fast, slow = (small(solver="lbfgs", device=d, **layers).fit(X, Y) for d in ("cpu", "reference"))
    np.testing.assert_allclose(fast.loss_, slow.loss_, rtol=1e-9)
    assert fast.loss_ < small(solver="lbfgs", max_iter=1, **layers).fit(X, Y).loss_
    weights = np.arange(len(Y)) % 3
    weighted = small(solver="lbfgs", **layers).fit(X, Y, sample_weight=weights)
    repeated = small(solver="lbfgs", **layers).fit(np.repeat(X, weights, 0), np.repeat(Y, weights))
    np.testing.assert_allclose(weighted.loss_, repeated.loss_, rtol=1e-6)


def test_frozen_layers_keep_their_normalisation():
    for settings in ({}, {"solver": "lbfgs"}):
        network = small(layer_norm=True, warm_start=True, **settings).fit(X, Y)
        kept = copy.deepcopy((network.coefs_[0], network.intercepts_[0], network.layer_norms_[0]))
        moved = network.layer_norms_[1].copy()
        network.set_params(freeze=[0]).fit(X, Y)
        now = (network.coefs_[0], network.intercepts_[0], network.layer_norms_[0])
        assert all(map(np.array_equal, kept, now))
        assert not np.array_equal(network.layer_norms_[1], moved)


# ---- what is kept


@pytest.mark.parametrize("layers", LAYERS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_copies_and_files_predict_the_same(layers, dtype, tmp_path):
    network = small(dtype=dtype, **layers).fit(X, Y)
    expected = network.predict_proba(X)
    network.save(tmp_path / "network.skarma")
    for same in (
        copy.deepcopy(network),
        pickle.loads(pickle.dumps(network)),
        skarma.load(tmp_path / "network.skarma"),
    ):
        assert np.array_equal(same.predict_proba(X), expected)
        assert {name: getattr(same, name) for name in layers} == layers
        assert np.array_equal(numbers(same), numbers(network))
        same.partial_fit(X, Y)


@pytest.mark.parametrize("layers", LAYERS, ids=str)
def test_training_goes_on_where_it_was(layers):
    """Moments, statistics and the count of steps are kept: an epoch after an epoch is the same from
    a copy made by its bytes.
    """
    network = small(**layers).partial_fit(X, Y, classes=np.arange(10))
    same = pickle.loads(pickle.dumps(network))
    for _ in range(2):
        network.partial_fit(X, Y)
        same.partial_fit(X, Y)
    assert np.array_equal(numbers(network), numbers(same))


def test_early_stopping_keeps_the_statistics_of_the_best_epoch():
    network = small(batch_norm=True, early_stopping=True, max_iter=30, n_iter_no_change=3)
    network.fit(X, Y)
    best = int(np.argmax(network.validation_scores_)) + 1
    until_best = clone(network).set_params(max_iter=best, n_iter_no_change=1000).fit(X, Y)
    assert np.array_equal(numbers(network), numbers(until_best))


def test_numbers_set_by_hand_count():
    network = small(batch_norm=True).fit(X, Y)
    before = network.predict_proba(X)
    network.batch_norms_[1][0] *= 2
    by_gamma = network.predict_proba(X)
    assert not np.allclose(by_gamma, before)
    network.batch_norms_[1][0] /= 2
    assert np.array_equal(network.predict_proba(X), before)
    network.batch_norms_[0][3] += 1
    network.batch_norms_[0][2] -= 1
    hidden = X
    for i in range(2):
        z = hidden @ network.coefs_[i] + network.intercepts_[i]
        gamma, beta, mean, variance = network.batch_norms_[i]
        hidden = np.maximum((z - mean) / np.sqrt(variance + 1e-5) * gamma + beta, 0)
    z = hidden @ network.coefs_[2] + network.intercepts_[2]
    softmax = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(network.predict_proba(X), softmax, rtol=1e-9)
    network.coefs_[2][:] = 0
    assert np.ptp(network.predict_proba(X), axis=0).max() == 0


def test_numbers_of_layer_norm_set_by_hand_count():
    network = small(layer_norm=True, activation="tanh").fit(X, Y)
    network.layer_norms_[0][0] *= 2
    network.layer_norms_[1][1] += 1
    hidden = X
    for i in range(2):
        z = hidden @ network.coefs_[i] + network.intercepts_[i]
        z = (z - z.mean(1, keepdims=True)) / np.sqrt(z.var(1, keepdims=True) + 1e-5)
        gamma, beta = network.layer_norms_[i]
        hidden = np.tanh(z * gamma + beta)
    z = hidden @ network.coefs_[2] + network.intercepts_[2]
    softmax = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(network.predict_proba(X), softmax, rtol=1e-9)


@pytest.mark.parametrize("layers", LAYERS, ids=str)
def test_lists_set_by_hand_are_as_good_as_arrays(layers):
    network = small(**layers).partial_fit(X, Y, classes=np.arange(10))
    lists = copy.deepcopy(network)
    names = {"coefs_", "intercepts_", *NORMS} & vars(network).keys()
    for name in names:
        setattr(lists, name, [a.tolist() for a in getattr(lists, name)])
    assert np.array_equal(lists.predict_proba(X), network.predict_proba(X))
    for name in names:
        getattr(network, name)[0][0] *= 2
        getattr(lists, name)[0] = getattr(network, name)[0].tolist()
    assert np.array_equal(lists.predict_proba(X), network.predict_proba(X))
    assert np.array_equal(
        pickle.loads(pickle.dumps(lists)).predict_proba(X), network.predict_proba(X)
    )
    assert np.array_equal(numbers(lists.partial_fit(X, Y)), numbers(network.partial_fit(X, Y)))


@pytest.mark.parametrize(
    "wrong",
    [[[1.0, 2.0], [1.0]], [["a"] * 20] * 4, [[None] * 20] * 4],
    ids=["ragged", "text", "None"],
)
@pytest.mark.parametrize("use", ["predict", "partial_fit", "save"])
def test_batch_norms_that_are_no_numbers_are_named(wrong, use, tmp_path):
    network = small(batch_norm=True).partial_fit(X, Y, classes=np.arange(10))
    network.batch_norms_[1] = wrong
    arguments = {"predict": (X,), "partial_fit": (X, Y), "save": (tmp_path / "m.safetensors",)}
    with pytest.raises(ValueError, match=r"^batch_norms_\[1\] must be an array of numbers, got "):
        getattr(network, use)(*arguments[use])


@pytest.mark.parametrize("name", ["coefs_", "intercepts_"])
def test_ragged_weights_are_named(name):
    network = small().fit(X, Y)
    getattr(network, name)[2] = [[1.0, 2.0], [1.0]]
    message = rf"^{name}\[2\] must be an array of numbers, got lists of different lengths\.$"
    with pytest.raises(ValueError, match=message):
        network.predict(X)


def test_batch_norms_of_another_shape_are_refused():
    network = small(batch_norm=True).fit(X, Y)
    network.batch_norms_[1] = network.batch_norms_[1][:3].tolist()
    with pytest.raises(ValueError, match="batch normalisation does not fit the weights"):
        network.predict(X)


@pytest.mark.parametrize("layers", LAYERS, ids=str)
def test_numbers_of_another_type_set_by_hand_go_on_training(layers):
    """The native model is made anew of attributes, with what the update rule remembers."""
    network = small(**layers).partial_fit(X, Y, classes=np.arange(10))
    narrow = copy.deepcopy(network)
    for name in {"coefs_", "intercepts_", *NORMS} & vars(narrow).keys():
        setattr(narrow, name, [a.astype(np.float32) for a in getattr(narrow, name)])
    np.testing.assert_allclose(narrow.predict_proba(X), network.predict_proba(X), atol=1e-5)
    text, tensors = unpacked(narrow._current_model())
    rates = tensors.get("dropout_rates", tensors.get("dropout", 0))
    assert np.array_equal(np.ravel(rates), np.ravel(layers.get("dropout", 0)))
    assert tensors.get("noise", 0) == layers.get("noise", 0)
    assert text.get("residual", False) == layers.get("residual", False)
    np.testing.assert_allclose(
        numbers(narrow.partial_fit(X, Y)), numbers(network.partial_fit(X, Y)), atol=2e-3
    )


def test_what_no_library_can_compute_is_named():
    network = small(residual=True).fit(X, Y)
    network.coefs_[0] = network.coefs_[0].astype(np.float32)
    with pytest.raises(ValueError, match="residual=True cannot be computed: .* several types"):
        network.predict(X)


def test_a_float32_network_predicts_double_samples_in_double():
    network = small(batch_norm=True, residual=True).fit(X.astype(np.float32), Y)
    assert network.batch_norms_[0].dtype == np.float32
    assert network.predict_proba(X).dtype == np.float64
    np.testing.assert_allclose(
        network.predict_proba(X), network.predict_proba(X.astype(np.float32)), atol=1e-5
    )


def test_warm_starts_go_on_with_the_same_layers_alone():
    network = small(batch_norm=True, warm_start=True).fit(X, Y)
    first = network.loss_
    assert network.fit(X, Y).loss_ < first
    assert network.set_params(dropout=0.5).fit(X, Y).loss_ > 0
    with pytest.raises(ValueError, match="another architecture.*relu, relu, batch_norm, softmax"):
        network.set_params(batch_norm=False).fit(X, Y)
    normalised = small(layer_norm=True, warm_start=True).fit(X, Y)
    assert normalised.set_params(noise=0.1, dropout=[0.1, 0, 0]).fit(X, Y).loss_ > 0
    with pytest.raises(ValueError, match="relu, relu, layer_norm, softmax.*batch_norm, softmax"):
        normalised.set_params(layer_norm=False, batch_norm=True).fit(X, Y)
    refitted = normalised.set_params(warm_start=False).fit(X, Y)
    assert hasattr(refitted, "batch_norms_") and not hasattr(refitted, "layer_norms_")
    plain = small(warm_start=True).fit(X, Y)
    with pytest.raises(ValueError, match="residual, softmax output. are asked for"):
        plain.set_params(residual=True).fit(X, Y)
    refitted = network.set_params(warm_start=False, batch_norm=False).fit(X, Y)
    assert not hasattr(refitted, "batch_norms_")


# ---- maxout


def by_hand(network, X, pieces):
    for w, b, k in zip(network.coefs_[:-1], network.intercepts_[:-1], pieces, strict=True):
        X = (X @ w + b).reshape(len(X), -1, k).max(axis=2)
    z = X @ network.coefs_[-1] + network.intercepts_[-1]
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


@pytest.mark.parametrize("solver", ["lbfgs", "adam", "gd"])
def test_maxout_is_the_largest_of_its_pieces(solver):
    network = small(activation=["maxout(3)", "maxout"], solver=solver, max_iter=20).fit(X, Y)
    assert [a.shape for a in network.coefs_] == [(64, 60), (20, 40), (20, 10)]
    assert [len(a) for a in network.intercepts_] == [60, 40, 10]
    np.testing.assert_allclose(network.predict_proba(X), by_hand(network, X, [3, 2]), rtol=1e-9)
    network.coefs_[0][:, 5] += 1
    np.testing.assert_allclose(network.predict_proba(X), by_hand(network, X, [3, 2]), rtol=1e-9)
    summary = network.summary()
    assert [layer.name for layer in summary.layers][:3] == ["input", "dense_1", "maxout_1"]
    assert summary.n_parameters == sum(a.size for a in (*network.coefs_, *network.intercepts_))


def test_maxout_of_two_pieces_can_be_the_absolute_value():
    samples = np.linspace(-1, 1, 201)[:, None]
    network = skarma.MLPRegressor(
        hidden_layer_sizes=(1,), activation="maxout", solver="lbfgs", alpha=0, random_state=2, tol=0
    ).fit(samples, np.abs(samples[:, 0]))
    assert network.loss_ < 1e-8


def test_one_piece_is_a_linear_unit():
    linear, one = (
        small(activation=name, solver="sgd").fit(X, Y) for name in ("identity", "maxout(1)")
    )
    np.testing.assert_allclose(numbers(one), numbers(linear), rtol=1e-9)


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        ("maxout(0)", "'pieces' of 'maxout' must be a whole number from 1 to 1000000. Got 0"),
        ("maxout(2.5)", "'pieces' of 'maxout' must be a whole number from 1 to 1000000. Got 2.5"),
        ("maxout(slope=3)", "'maxout' takes one number: 'maxout(pieces=2)'. It has no 'slope'."),
        ("maxot(3)", "'maxot(3)'"),
    ],
)
def test_pieces_are_counted(activation, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        small(activation=activation).fit(X, Y)


# ---- searches, and what is refused


@pytest.mark.parametrize(
    "layers",
    [
        {"dropout": [0.0, 0.4], "batch_norm": [False, True], "residual": [True]},
        {"dropout": [0.1, [0.2, 0.0, 0.3]], "layer_norm": [False, True], "noise": [0.0, 0.2]},
        {"activation": ["maxout", "maxout(3)", ["relu", "maxout(2)"]]},
    ],
    ids=str,
)
def test_a_search_runs_natively(layers):
    grid = {f"mlpclassifier__{name}": values for name, values in layers.items()}
    pipeline = make_pipeline(StandardScaler(), small())
    ours = GridSearchCV(pipeline, grid, cv=3).fit(X, Y)
    assert ours.search_path_ == "native"
    theirs = SklearnGridSearchCV(pipeline, grid, cv=3).fit(X, Y)
    for column in ("mean_test_score", "std_test_score"):
        assert np.array_equal(ours.cv_results_[column], theirs.cv_results_[column])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dropout": 1.0}, "The 'dropout' parameter of MLPClassifier must be a float in the range"),
        ({"dropout": -0.1}, "The 'dropout' parameter of MLPClassifier"),
        ({"dropout": np.nan}, "The 'dropout' parameter of MLPClassifier"),
        ({"batch_norm": 2}, "The 'batch_norm' parameter of MLPClassifier must be"),
        ({"residual": "yes"}, "The 'residual' parameter of MLPClassifier must be"),
        (
            {"dropout": 0.1, "solver": "lbfgs"},
            "The 'solver' parameter of MLPClassifier must be one that trains on minibatches where "
            "dropout=0.1, whose outputs depend on the minibatch. Got 'lbfgs' instead.",
        ),
        ({"batch_norm": True, "solver": "lbfgs"}, "minibatches where batch_norm=True"),
        ({"noise": 0.1, "solver": "lbfgs"}, "minibatches where noise=0.1"),
        ({"dropout": [0.1, 0, 0], "solver": "lbfgs"}, "minibatches where dropout=[0.1, 0, 0]"),
        (
            {"dropout": [0.1, 0.1]},
            "The 'dropout' parameter of MLPClassifier must be a float, or a list with a rate for "
            "the inputs and one for each hidden layer. Got a list of length 2 for "
            "hidden_layer_sizes of length 2 instead.",
        ),
        ({"dropout": [0.1, 0.1, 1.0]}, "The 'dropout' parameter of MLPClassifier must be"),
        ({"dropout": []}, "The 'dropout' parameter of MLPClassifier must be"),
        ({"dropout": "much"}, "The 'dropout' parameter of MLPClassifier must be"),
        ({"noise": -0.1}, "The 'noise' parameter of MLPClassifier must be a float in the range"),
        ({"noise": np.nan}, "The 'noise' parameter of MLPClassifier"),
        ({"noise": np.inf}, "The 'noise' parameter of MLPClassifier"),
        ({"layer_norm": 2}, "The 'layer_norm' parameter of MLPClassifier must be"),
        (
            {"layer_norm": True, "batch_norm": True},
            "The 'layer_norm' parameter of MLPClassifier must be False where batch_norm is True",
        ),
    ],
    ids=str,
)
def test_wrong_values_are_refused(settings, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        small(**settings).fit(X, Y)


def test_scikit_learns_form():
    with pytest.raises(ValueError, match="batch_norm=True is skarma's own"):
        small(batch_norm=True).fit(X, Y).to_sklearn()
    with pytest.raises(ValueError, match="residual=True is skarma's own"):
        small(residual=True).to_sklearn()
    with pytest.raises(ValueError, match="layer_norm=True is skarma's own"):
        small(layer_norm=True).fit(X, Y).to_sklearn()
    for layers in ({"dropout": 0.3}, {"dropout": [0.1, 0.3, 0.3], "noise": 0.1}):
        dropped = small(**layers).fit(X, Y)
        theirs = dropped.to_sklearn()
        np.testing.assert_allclose(theirs.predict_proba(X), dropped.predict_proba(X), rtol=1e-9)


class Overridden(skarma.MLPClassifier):
    def _backprop(self, *arguments):
        return super()._backprop(*arguments)


@pytest.mark.parametrize("layers", LAYERS, ids=str)
def test_scikit_learns_code_cannot_train_them(layers):
    with pytest.raises(ValueError, match="is skarma's own: scikit-learn's code"):
        Overridden((20, 20), **layers).fit(X, Y)


def test_layers_are_given_by_name():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert clone(skarma.MLPRegressor(dropout=0.2)).dropout == 0.2
    with pytest.raises(TypeError):
        skarma.MLPClassifier((20,), "relu", 0.2)
