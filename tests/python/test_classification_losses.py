"""The losses of MLPClassifier that scikit-learn's does not have, and calibration."""

import copy
import pickle

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize_scalar
from scipy.special import expit, log_softmax, softmax
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris, make_multilabel_classification
from sklearn.metrics import accuracy_score, hinge_loss, log_loss
from sklearn.model_selection import cross_val_score as sklearn_cross_val_score

import skarma
from skarma.model_selection import GridSearchCV, cross_val_score

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def standardised(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


IRIS = standardised(load_iris().data), np.array(["a", "b", "c"])[load_iris().target]
CANCER = standardised(load_breast_cancer().data)[:200], load_breast_cancer().target[:200]
LABELS = make_multilabel_classification(120, 6, n_classes=3, random_state=0)
DATA = {"several": IRIS, "two": CANCER, "labels": LABELS}
LOSSES = ("hinge", "squared_hinge", "focal", "focal(gamma=0.5)", "squared_error")
SMOOTHED = {"loss": "log_loss", "label_smoothing": 0.1}


def settings_of(name):
    return SMOOTHED if name == "smoothed" else {"loss": name}


every_loss = pytest.mark.parametrize("name", [*LOSSES, "smoothed"])


def small(name, **settings):
    settings = {"hidden_layer_sizes": (7,), "activation": "tanh", "random_state": 0} | settings
    return skarma.MLPClassifier(**settings_of(name), **{"max_iter": 30} | settings)


def one_hot(network, y):
    if y.ndim == 2:
        return y
    t = (y[:, None] == network.classes_).astype(float)
    return t if t.shape[1] > 2 else t[:, 1:]


def losses_of(name, z, t):
    """The loss of each sample by its definition, of logits or scores and targets of 0 and 1."""
    of_rows = z.shape[1] > 1 and (t.sum(axis=1) == 1).all()
    gamma = {"focal": 2.0, "focal(gamma=0.5)": 0.5}.get(name)
    power = {"hinge": 1, "squared_hinge": 2}.get(name)
    if power is not None:
        if of_rows:
            margin = (z * t).sum(axis=1) - np.where(t == 1, -np.inf, z).max(axis=1)
            return np.maximum(0, 1 - margin) ** power
        return (np.maximum(0, 1 - (2 * t - 1) * z) ** power).sum(axis=1)
    if name == "smoothed":
        if of_rows:
            t = 0.9 * t + 0.1 / t.shape[1]
            return -(t * log_softmax(z, axis=1)).sum(axis=1)
        t = 0.9 * t + 0.05
        return (np.logaddexp(0, z) - t * z).sum(axis=1)
    p = softmax(z, axis=1) if of_rows else expit(z)
    if name == "squared_error":
        return 0.5 * ((p - t) ** 2).sum(axis=1)
    if of_rows:
        right = (p * t).sum(axis=1)
        return -((1 - right) ** gamma) * np.log(right)
    right = np.where(t == 1, p, 1 - p)
    return -((1 - right) ** gamma * np.log(right)).sum(axis=1)


def logits_of(network, X):
    return network.logits(X).reshape(len(X), -1)


@every_loss
@pytest.mark.parametrize("kind", DATA)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_is_its_definition(name, kind, weighted):
    X, y = DATA[kind]
    if kind == "labels" and name in ("hinge", "squared_hinge") and weighted:
        weights = np.ones(len(X))
    else:
        weights = np.arange(len(X)) % 3 + 0.5 if weighted else np.ones(len(X))
    network = small(name, solver="lbfgs", alpha=0.1).fit(X, y, sample_weight=weights)
    losses = losses_of(name, logits_of(network, X), one_hot(network, y))
    squares = sum((coef**2).sum() for coef in network.coefs_)
    value = (weights @ losses + 0.05 * squares) / weights.sum()
    assert network.loss_ == pytest.approx(value, rel=1e-10)


@every_loss
@pytest.mark.parametrize("kind", DATA)
def test_a_step_goes_down_the_gradient_of_the_definition(name, kind):
    X, y = DATA[kind]
    settings = {"solver": "gd", "alpha": 0.0, "max_iter": 1}
    start = small(name, learning_rate_init=1e-300, **settings).fit(X, y)
    after = small(name, learning_rate_init=1.0, **settings).fit(X, y)

    def loss(bias):
        moved = copy.deepcopy(start)
        moved.intercepts_ = [bias, *start.intercepts_[1:]]
        return losses_of(name, logits_of(moved, X), one_hot(moved, y)).mean()

    gradient = start.intercepts_[0] - after.intercepts_[0]
    np.testing.assert_allclose(gradient, approx_fprime(start.intercepts_[0], loss), atol=5e-7)


@every_loss
@pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adam", "rmsprop"])
@pytest.mark.parametrize("kind", ["several", "two"])
def test_every_solver_learns(name, solver, kind):
    X, y = DATA[kind]
    rate = 0.1 if solver == "sgd" else 0.01
    network = small(name, solver=solver, learning_rate_init=rate, max_iter=150).fit(X, y)
    assert network.score(X, y) > 0.93


@pytest.mark.parametrize("name", ["hinge", "squared_hinge"])
def test_a_hinge_loss_gives_scores_and_no_probabilities(name):
    for X, y in (IRIS, CANCER):
        network = small(name, solver="lbfgs", alpha=0.0, max_iter=200).fit(X, y)
        assert network.out_activation_ == "identity"
        assert not hasattr(network, "predict_proba")
        assert not hasattr(network, "predict_log_proba")
        scores = network.decision_function(X)
        if len(network.classes_) == 2:
            assert scores.shape == (len(X),)
            expected = network.classes_[(scores > 0).astype(int)]
        else:
            assert scores.shape == (len(X), 3)
            expected = network.classes_[scores.argmax(axis=1)]
        assert np.array_equal(network.predict(X), expected)
        assert network.score(X, y) == accuracy_score(y, expected)
    if name == "hinge":
        assert network.loss_ == pytest.approx(hinge_loss(y, scores), abs=1e-12)


def test_other_losses_have_no_decision_function():
    network = skarma.MLPClassifier()
    assert not hasattr(network, "decision_function")
    assert hasattr(network, "predict_proba")
    assert hasattr(skarma.MLPClassifier(loss="hinge"), "decision_function")


def test_early_stopping_scores_by_the_sign_of_a_hinge_loss():
    X, y = CANCER
    network = small("hinge", early_stopping=True, max_iter=40, learning_rate_init=0.02).fit(X, y)
    assert max(network.validation_scores_) > 0.9


def test_logits_are_what_probabilities_are_made_of():
    for X, y in DATA.values():
        network = skarma.MLPClassifier((5,), max_iter=20, random_state=0).fit(X, y)
        z = network.logits(X)
        p = network.predict_proba(X)
        if p.shape[1] == 3 and np.ndim(y) == 1:
            np.testing.assert_allclose(softmax(z, axis=1), p, rtol=1e-12)
        elif np.ndim(y) == 1:
            assert z.shape == (len(X),)
            np.testing.assert_allclose(expit(z), p[:, 1], rtol=1e-12)
        else:
            np.testing.assert_allclose(expit(z), p, rtol=1e-12)


@every_loss
@pytest.mark.parametrize("kind", ["several", "two"])
def test_models_go_everywhere(name, kind, tmp_path):
    X, y = DATA[kind]
    network = small(name, warm_start=True).fit(X, y)
    skarma.save(network, tmp_path / "model")
    for twin in (skarma.load(tmp_path / "model"), pickle.loads(pickle.dumps(network))):
        assert twin.loss == network.loss
        assert np.array_equal(twin.logits(X), network.logits(X))
        assert np.array_equal(twin.predict(X), network.predict(X))
        twin.set_params(warm_start=True)
        again = copy.deepcopy(network).fit(X, y)
        assert np.array_equal(twin.fit(X, y).coefs_[0], again.coefs_[0])
    by_hand = copy.deepcopy(network)
    by_hand.coefs_ = [1.0 * coef for coef in network.coefs_]
    by_hand.__dict__.pop("_model")
    np.testing.assert_allclose(by_hand.logits(X), network.logits(X), rtol=1e-12)


def test_searches_over_losses_are_native():
    X, y = IRIS
    grid = {"loss": ["log_loss", *LOSSES], "label_smoothing": [0.0]}
    search = GridSearchCV(small("hinge"), grid, cv=3).fit(X, y)
    assert search.search_path_ == "native"
    for i, name in enumerate(grid["loss"]):
        alone = cross_val_score(small(name), X, y, cv=3)
        assert search.cv_results_["mean_test_score"][i] == alone.mean()
        theirs = sklearn_cross_val_score(small(name), X, y, cv=3)
        assert np.array_equal(alone, theirs)


def test_scores_of_probabilities_are_scikit_learns_for_a_hinge_loss():
    X, y = CANCER
    network = small("hinge")
    for scoring in ("roc_auc", "average_precision"):
        ours = cross_val_score(network, X, y, cv=3, scoring=scoring)
        assert np.array_equal(ours, sklearn_cross_val_score(network, X, y, cv=3, scoring=scoring))


@every_loss
def test_the_reference_agrees(name):
    X, y = IRIS
    ours, theirs = (small(name, max_iter=3, device=d).fit(X, y) for d in ("cpu", "reference"))
    np.testing.assert_allclose(theirs.logits(X), ours.logits(X), rtol=1e-8)


# ---- what is refused


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "hinj"}, "'loss' parameter of MLPClassifier must be a str among"),
        ({"loss": "hinge(2)"}, r"'hinge' takes no number. Got 'hinge\(2\)' instead"),
        ({"loss": "focal(-1)"}, "'gamma' of 'focal' must be a number from 0. Got -1 instead"),
        ({"loss": "focal(delta=1)"}, r"'focal\(gamma=2\)'. It has no 'delta'"),
        ({"loss": "focal", "label_smoothing": 0.1}, "'label_smoothing' .* must be 0 where loss"),
        ({"label_smoothing": 1.0}, "'label_smoothing' parameter of MLPClassifier must be a float"),
    ],
)
def test_wrong_losses_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        skarma.MLPClassifier(**settings).fit(*IRIS)


def test_scikit_learn_cannot_have_them():
    X, y = IRIS
    with pytest.raises(ValueError, match="loss='hinge' is skarma's own"):
        small("hinge").fit(X, y).to_sklearn()

    class Mine(skarma.MLPClassifier):
        def _init_coef(self, *arguments):
            return super()._init_coef(*arguments)

    with pytest.raises(ValueError, match="loss='focal' is skarma's own"):
        Mine(loss="focal").fit(X, y)


# ---- calibration


@pytest.mark.parametrize("kind", DATA)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_temperature_has_the_least_log_loss(kind, weighted, tmp_path):
    X, y = DATA[kind]
    network = skarma.MLPClassifier((30,), alpha=0, random_state=0, solver="lbfgs", max_iter=40)
    network.fit(X[::2], y[::2])
    weights = np.arange(len(X[1::2])) % 3 + 0.5 if weighted else None
    labels, z = network.predict(X), logits_of(network, X[1::2])
    t = one_hot(network, y[1::2])
    w = np.ones(len(z)) if weights is None else weights

    def value(log_temperature):
        scaled = z / np.exp(log_temperature)
        if t.shape[1] > 1 and np.ndim(y) == 1:
            losses = -(t * log_softmax(scaled, axis=1)).sum(axis=1)
        else:
            losses = (np.logaddexp(0, scaled) - t * scaled).sum(axis=1)
        return w @ losses

    best = np.exp(minimize_scalar(value, bounds=(-6, 6), options={"xatol": 1e-10}).x)
    before = network.predict_proba(X)
    assert network.calibrate(X[1::2], y[1::2], weights) is network
    assert network.temperature_ == pytest.approx(best, rel=1e-5)
    assert np.array_equal(network.predict(X), labels)
    after = network.predict_proba(X)
    assert not np.allclose(before, after)
    z = logits_of(network, X) / network.temperature_
    if np.ndim(y) == 1 and t.shape[1] > 1:
        np.testing.assert_allclose(after, softmax(z, axis=1), rtol=1e-12)
    else:
        np.testing.assert_allclose(after[:, -1], expit(z[:, -1]), rtol=1e-12)
    skarma.save(network, tmp_path / "model")
    for twin in (
        skarma.load(tmp_path / "model"),
        pickle.loads(pickle.dumps(network)),
        copy.deepcopy(network),
    ):
        assert twin.temperature_ == network.temperature_
        assert np.array_equal(twin.predict_proba(X), after)


def test_calibration_makes_the_log_loss_of_held_out_samples_less():
    X, y = IRIS
    network = skarma.MLPClassifier((50,), alpha=0, solver="lbfgs", max_iter=300, random_state=0)
    network.fit(X[::3], y[::3])
    before = log_loss(y[1::3], network.predict_proba(X[1::3]))
    network.calibrate(X[2::3], y[2::3])
    assert network.temperature_ > 1
    assert log_loss(y[1::3], network.predict_proba(X[1::3])) < before


def test_a_later_fit_forgets_the_temperature_and_attributes_are_the_truth():
    X, y = IRIS
    network = skarma.MLPClassifier((5,), max_iter=10, random_state=0).fit(X, y)
    plain = network.predict_proba(X)
    network.calibrate(X, y)
    network.temperature_ = 2.0
    np.testing.assert_allclose(
        network.predict_proba(X), softmax(network.logits(X) / 2, axis=1), rtol=1e-12
    )
    network.fit(X, y)
    assert not hasattr(network, "temperature_")
    assert np.array_equal(network.predict_proba(X), plain)
    assert not hasattr(clone(network), "temperature_")


def test_what_calibration_refuses():
    X, y = IRIS
    network = skarma.MLPClassifier((5,), max_iter=10, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"labels that are not in classes_: \['d'\]"):
        network.calibrate(X, np.where(y == "a", "d", y))
    with pytest.raises(ValueError, match="calibrate is for losses that give probabilities"):
        small("hinge").fit(X, y).calibrate(X, y)
    with pytest.raises(ValueError, match="A temperature of probabilities is skarma's own"):
        network.calibrate(X, y).to_sklearn()
    with pytest.raises(ValueError, match="inconsistent"):
        network.calibrate(X, y[:-1])
