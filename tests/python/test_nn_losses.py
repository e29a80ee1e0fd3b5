"""Losses of `skarma.nn`, under the names of Keras and of the estimators."""

import numpy as np
import pytest
from nn_networks import compiled, dense, problem

from skarma import nn


def test_targets_of_each_loss():
    x, y = problem()
    one_hot = dense()
    one_hot.compile("adam", "categorical_crossentropy")
    codes = compiled(metrics=())
    assert (
        one_hot.fit(x, np.eye(3)[y], epochs=2, verbose=0).history
        == codes.fit(x, y[:, np.newaxis], epochs=2, verbose=0).history
    )
    numbers = nn.Sequential([nn.Dense(1, input_shape=(5,))], random_state=0)
    numbers.compile(nn.SGD(), "squared_error")
    assert numbers.fit(x, x[:, 0], epochs=200, verbose=0).history["loss"][-1] < 1e-3
    np.testing.assert_allclose(numbers.predict(x)[:, 0], x[:, 0], atol=0.1)


def test_what_is_no_layer_behind_the_last_activation():
    for nothing in (nn.Dropout(0.0), nn.Activation("linear")):
        model = nn.Sequential([nn.Dense(2, "softmax", input_shape=(3,)), nn.Flatten(), nothing])
        with pytest.raises(ValueError, match="can only be the last"):
            model.get_weights()
        model = nn.Sequential([nn.Dense(2, "softmax", input_shape=(3,)), nothing])
        assert [w.shape for w in model.get_weights()] == [(3, 2), (2,)]
        assert [line.n_params for line in model.summary().layers] == [8, 0]


def test_an_exponential_output():
    x, _ = problem()
    y = np.random.RandomState(0).poisson(np.exp(x[:, 0]))
    model = nn.Sequential([nn.Dense(1, "exponential")], random_state=0)
    model.compile(nn.Adam(learning_rate=0.05), "poisson")
    losses = model.fit(x, y, epochs=100, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]
    assert (model.predict(x) > 0).all()
    np.testing.assert_allclose(model.get_weights()[0][0, 0], 1, atol=0.25)


def test_one_hot_targets_are_checked():
    model = dense()
    model.compile("adam", "categorical_crossentropy")
    with pytest.raises(ValueError, match="Row 1 of the targets is not 1 for one class"):
        model.fit(np.zeros((2, 5)), [[1, 0, 0], [0.5, 0.5, 0]], verbose=0)
    with pytest.raises(ValueError, match="for class numbers there is 'sparse_categorical"):
        model.fit(np.zeros((2, 5)), [0, 1], verbose=0)
    with pytest.raises(RuntimeError, match="not compiled yet"):
        dense().fit(np.zeros((2, 5)), [0, 1])
    with pytest.raises(TypeError, match="A layer of skarma.nn is wanted"):
        nn.Sequential([32])
    with pytest.raises(TypeError, match="A list of layers is wanted"):
        nn.Sequential(nn.Dense(1))
    with pytest.raises(TypeError, match="A list of layers is wanted"):
        nn.Sequential([nn.Residual(nn.Dense(1))])
    with pytest.raises(TypeError, match="A layer of skarma.nn is wanted. Got 3"):
        nn.Sequential([nn.Residual([3])])


KERAS_LOSSES = [
    ("mean_squared_error", "linear"),
    ("mse", "linear"),
    ("mean_absolute_error", "linear"),
    ("mae", "linear"),
    ("huber", "linear"),
    ("huber(0.5)", "linear"),
    ("log_cosh", "linear"),
    ("poisson", "exponential"),
    ("binary_crossentropy", "sigmoid"),
    ("quantile(0.2, 0.5, 0.9)", "linear"),
]


@pytest.mark.parametrize(("loss", "activation"), KERAS_LOSSES)
def test_a_step_goes_by_the_loss_that_is_told(loss, activation):
    """Where it is averaged over several outputs, too: by central differences of the loss."""
    random = np.random.RandomState(0)
    x, y = random.normal(size=(30, 3)), random.randint(0, 2, size=(30, 3)).astype(float)
    if loss.startswith("quantile"):
        y = y[:, :1] + random.normal(size=(30, 1))
    model = nn.Sequential([nn.Dense(3, activation, input_shape=(3,))], dtype="float64")
    model.compile(nn.SGD(learning_rate=0.5), loss)
    weights = [random.normal(size=(3, 3)), random.normal(size=3)]
    slopes = []
    for k, array in enumerate(weights):
        slope = np.empty_like(array)
        for place in np.ndindex(array.shape):
            losses = []
            for change in (1e-6, -1e-6):
                moved = [w.copy() for w in weights]
                moved[k][place] += change
                model.set_weights(moved)
                losses.append(model.evaluate(x, y))
            slope[place] = (losses[0] - losses[1]) / 2e-6
        slopes.append(slope)
    model.set_weights(weights)
    model.fit(x, y, batch_size=30, epochs=1, verbose=0)
    for after, before, slope in zip(model.get_weights(), weights, slopes, strict=True):
        np.testing.assert_allclose((before - after) / 0.5, slope, atol=1e-7)


def test_losses_are_those_of_keras():
    """By their definitions in its documentation, means over outputs."""
    random = np.random.RandomState(0)
    x, y = random.normal(size=(20, 2)), random.normal(size=(20, 3))
    labels = (y > 0).astype(float)
    model = nn.Sequential([nn.Dense(3, input_shape=(2,))], dtype="float64", random_state=0)
    outputs = model.predict(x)
    distance = np.abs(y - outputs)
    expected = {
        "mse": distance**2,
        "mae": distance,
        "huber": np.where(distance <= 1, distance**2 / 2, distance - 0.5),
        "log_cosh": np.log(np.cosh(distance)),
    }
    for loss, values in expected.items():
        model.compile("sgd", loss)
        assert model.evaluate(x, y) == pytest.approx(values.mean(), rel=1e-12)
    coefs = model.get_weights()
    model = nn.Sequential([nn.Dense(3, "sigmoid", input_shape=(2,))], dtype="float64")
    model.set_weights(coefs)
    model.compile("sgd", "binary_crossentropy")
    p = model.predict(x)
    entropy = -labels * np.log(p) - (1 - labels) * np.log(1 - p)
    assert model.evaluate(x, labels) == pytest.approx(entropy.mean(), rel=1e-12)


def test_quantiles_do_not_cross():
    x = np.linspace(-1, 1, 200)[:, np.newaxis]
    y = x[:, 0] + np.random.RandomState(0).normal(size=200)
    model = nn.Sequential([nn.Dense(8, "tanh"), nn.Dense(2)], random_state=0)
    model.compile(nn.Adam(learning_rate=0.05), "quantile(0.1, 0.9)")
    model.fit(x, y, epochs=40, verbose=0)
    low, high = model.predict(x).T
    assert (low < high).all()
    assert 0.7 < ((low < y) & (y < high)).mean() < 0.9
    for wrong in ("quantile(0.9, 0.1)", "quantile()", "quantile(0.5, 1)", "quantile(0.1; 0.5)"):
        with pytest.raises(ValueError, match="levels between 0 and 1, in rising order"):
            model.compile("adam", wrong)
    with pytest.raises(ValueError, match="has 3 quantiles, and the last layer 2 outputs"):
        model.compile("adam", "quantile(0.1, 0.5, 0.9)")
