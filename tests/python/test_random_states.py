"""Generators of every kind are drawn from as scikit-learn draws from them."""

import numpy as np
import pytest
import sklearn.neural_network as reference
from sklearn.base import clone
from sklearn.datasets import load_iris

import skarma
from skarma.model_selection import GridSearchCV, cross_val_score

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:lbfgs failed to converge"),
]

X, Y = load_iris(return_X_y=True)
BITS = [np.random.MT19937, np.random.PCG64, np.random.PCG64DXSM, np.random.Philox, np.random.SFC64]
SETTINGS = [{}, {"early_stopping": True}, {"shuffle": False}, {"solver": "lbfgs"}]


def both(generators, settings):
    for package, generator in zip((reference, skarma), generators, strict=True):
        yield package.MLPClassifier((5,), max_iter=4, random_state=generator, **settings)


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_every_bit_generator_gives_scikit_learns_numbers(bits, settings):
    generators = [np.random.RandomState(bits(3)) for _ in range(2)]
    theirs, ours = [model.fit(X, Y) for model in both(generators, settings)]
    np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=1e-9)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-6)
    assert generators[0].randint(1 << 30) == generators[1].randint(1 << 30)
    for model in (theirs, ours):
        model.set_params(warm_start=True).fit(X, Y)
    np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=1e-9)
    assert generators[0].random_sample() == generators[1].random_sample()


def test_a_model_does_not_hold_on_to_a_generator_that_is_gone():
    model = skarma.MLPClassifier((5,), max_iter=4)
    model.set_params(random_state=np.random.RandomState(np.random.PCG64(0))).fit(X, Y)
    model.set_params(random_state=None)
    twin = model._model.copy()
    del model
    assert twin.parameters()["random_state"] is None
    assert twin.n_iter == 4


def test_the_global_generator_may_be_another():
    set_bits = getattr(np.random, "set_bit_generator", None)
    if set_bits is None:
        pytest.skip("this NumPy cannot change its global generator")
    before = np.random.get_bit_generator()
    try:
        losses = []
        for model in both([None, None], {}):
            set_bits(np.random.PCG64(5))
            losses.append(model.fit(X, Y).loss_)
        search = GridSearchCV(skarma.MLPClassifier((5,), max_iter=4, random_state=0), {}, cv=2)
        assert search.fit(X, Y).search_path_ == "native"
    finally:
        set_bits(before)
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)


def test_searches_with_such_a_generator():
    mlp = skarma.MLPClassifier((5,), max_iter=4)
    mlp.set_params(random_state=np.random.RandomState(np.random.PCG64(0)))
    twin = reference.MLPClassifier((5,), max_iter=4, random_state=clone(mlp).random_state)
    np.testing.assert_allclose(cross_val_score(mlp, X, Y, cv=3), cross_val_score(twin, X, Y, cv=3))
