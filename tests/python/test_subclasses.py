"""A subclass that changes a part of scikit-learn's training is trained with that part."""

import inspect

import numpy as np
import pytest
import scipy.sparse
import sklearn.neural_network as reference
from sklearn.datasets import load_diabetes, load_iris
from sklearn.neural_network._multilayer_perceptron import BaseMultilayerPerceptron

import skarma
from skarma._borrowed import IN_TRAINING
from skarma.model_selection import GridSearchCV

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:lbfgs failed to converge"),
]

NAMES = ("MLPClassifier", "MLPRegressor")
DATA = {"MLPClassifier": load_iris(return_X_y=True), "MLPRegressor": load_diabetes(return_X_y=True)}
SMALL = {"hidden_layer_sizes": (4, 3), "max_iter": 3, "random_state": 0}
#: Called by our code as by scikit-learn's, whatever they are.
CALLED_BY_BOTH = {"_check_solver"}


def private_methods(cls):
    return {
        name
        for base in cls.__mro__[: cls.__mro__.index(BaseMultilayerPerceptron) + 1]
        for name, value in vars(base).items()
        if inspect.isfunction(value) and name.startswith("_") and not name.startswith("__")
    } - {"_more_tags"}


def counting(base, method):
    """A subclass that counts the calls of a method, and changes nothing."""
    calls = []

    def counted(self, *args, **kwargs):
        calls.append(method)
        return getattr(super(Counting, self), method)(*args, **kwargs)

    Counting = type("Counting", (base,), {method: counted, "__init__": base.__init__})
    return Counting, calls


def assert_same(ours, theirs, X):
    assert ours.loss_ == theirs.loss_
    for mine, other in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_array_equal(mine, other)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_every_private_method_of_scikit_learn_is_known(name):
    known = {*IN_TRAINING} | CALLED_BY_BOTH
    assert private_methods(getattr(reference, name)) <= known


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", sorted(IN_TRAINING))
def test_an_overridden_method_is_called_as_often_as_by_scikit_learn(name, method):
    X, y = DATA[name]
    counts, models = [], []
    for package in (reference, skarma):
        count = []
        for settings in ({"solver": "lbfgs"}, {"early_stopping": True}, {"solver": "sgd"}):
            Counting, calls = counting(getattr(package, name), method)
            model = Counting(**SMALL | settings).fit(X, y)
            if settings.get("solver") == "sgd":
                model.partial_fit(X, y)
            model.predict(X)
            count.append(len(calls))
            models.append(model)
        counts.append(count)
    assert counts[0] == counts[1]
    assert sum(counts[0]) > 0 or method == "_score_with_function"  # theirs do not look for it
    for theirs, ours in zip(models[:3], models[3:], strict=True):
        assert_same(ours, theirs, X)


@pytest.mark.parametrize("name", NAMES)
def test_initial_weights_of_a_subclass(name):
    X, y = DATA[name]

    def constant(self, fan_in, fan_out, dtype):
        return np.full((fan_in, fan_out), 0.1, dtype), np.zeros(fan_out, dtype)

    fitted = [
        type("Mine", (getattr(package, name),), {"_init_coef": constant})(**SMALL).fit(X, y)
        for package in (reference, skarma)
    ]
    assert_same(fitted[1], fitted[0], X)
    with_batches = [model.partial_fit(X[:50], y[:50]) for model in fitted]
    assert_same(with_batches[1], with_batches[0], X)


@pytest.mark.parametrize("make", [np.asarray, np.ndarray.tolist, scipy.sparse.csr_matrix])
def test_a_type_that_is_asked_for_reaches_scikit_learns_training(make):
    X, y = DATA["MLPClassifier"]
    Counting, calls = counting(skarma.MLPClassifier, "_backprop")
    model = Counting(**SMALL, dtype="float32").fit(make(X), y)
    assert calls
    assert {array.dtype for array in model.coefs_} == {np.dtype(np.float32)}
    assert model.predict_proba(make(X)).dtype == np.float32


def test_a_method_of_one_object_or_put_into_the_class(monkeypatch):
    X, y = DATA["MLPClassifier"]
    plain = skarma.MLPClassifier(**SMALL).fit(X, y)
    drawn = []

    def counted(fan_in, fan_out, dtype):
        drawn.append(fan_in)
        return type(plain)._init_coef(model, fan_in, fan_out, dtype)

    model = skarma.MLPClassifier(**SMALL)
    model._init_coef = counted
    np.testing.assert_allclose(model.fit(X, y).coefs_[0], plain.coefs_[0], rtol=1e-9)
    assert drawn == [4, 4, 3]

    def zeros(self, fan_in, fan_out, dtype):
        return np.zeros((fan_in, fan_out)), np.zeros(fan_out)

    monkeypatch.setattr(skarma.MLPClassifier, "_init_coef", zeros)
    assert not skarma.MLPClassifier(**SMALL).fit(X, y).coefs_[0].any()


def test_a_search_over_a_subclass_uses_its_methods():
    X, y = DATA["MLPClassifier"]
    Counting, calls = counting(skarma.MLPClassifier, "_backprop")
    search = GridSearchCV(Counting(**SMALL), {"alpha": [1, 2]}, cv=2).fit(X, y)
    assert search.search_path_ != "native"
    assert len(calls) == 5 * 3


def test_a_search_over_a_class_that_was_changed(monkeypatch):
    X, y = DATA["MLPClassifier"]
    monkeypatch.setattr(
        skarma.MLPClassifier, "_init_coef", lambda self, m, n, dtype: (np.ones((m, n)), np.ones(n))
    )
    search = GridSearchCV(skarma.MLPClassifier(**SMALL), {"alpha": [1, 2]}, cv=2).fit(X, y)
    assert search.search_path_ == "_init_coef of the network has been changed"


def test_hidden_layers_can_be_asked_for():
    X, y = DATA["MLPClassifier"]
    ours = skarma.MLPClassifier(**SMALL).fit(X, y)
    layers = ours._forward_pass([X, None, None, None])
    assert [layer.shape[1] for layer in layers] == [4, 4, 3, 3]
    np.testing.assert_allclose(layers[-1], ours.predict_proba(X), rtol=1e-12)


def test_a_subclass_may_have_parameters_of_its_own():
    X, y = DATA["MLPClassifier"]

    class Jittery(skarma.MLPClassifier):
        _parameter_constraints = {**skarma.MLPClassifier._parameter_constraints, "jitter": [float]}

        def __init__(self, jitter=0.1, alpha=1e-4, max_iter=5, random_state=None):
            super().__init__(alpha=alpha, max_iter=max_iter, random_state=random_state)
            self.jitter = jitter

    model = Jittery(jitter=0.5, random_state=0).fit(X, y)
    plain = skarma.MLPClassifier(max_iter=5, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model.coefs_[0], plain.coefs_[0])
    assert model.get_params()["jitter"] == 0.5


@pytest.mark.parametrize("name", NAMES)
def test_an_overridden_prediction_is_used(name):
    X, y = DATA[name]

    def doubled(self, X, check_input=True):
        return 2 * super(Mine, self)._forward_pass_fast(X, check_input=check_input)

    for package in (reference, skarma):
        Mine = type("Mine", (getattr(package, name),), {"_forward_pass_fast": doubled})
        plain = getattr(package, name)(**SMALL).fit(X, y)
        mine = Mine(**SMALL).fit(X, y)
        method = "predict_proba" if name == "MLPClassifier" else "predict"
        np.testing.assert_allclose(
            getattr(mine, method)(X), 2 * getattr(plain, method)(X), rtol=1e-9
        )
