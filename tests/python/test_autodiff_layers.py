"""Every layer, activation and loss of the networks, written in the terms of skarma.autodiff, whose
gradients are those of the networks' own backward passes.

A step of gradient descent without penalties moves all parameters by minus the gradient times the
learning rate. Names are those of the tables that the package reads: what is new there has to
be written here, too.
"""

import math

import numpy as np
import pytest

import skarma
from skarma import _native, autodiff
from skarma.autodiff import Variable, exp, expm1, log, log1p, maximum, minimum, tanh

RATE = 0.25
rng = np.random.RandomState(0)
X = rng.standard_normal((12, 4))
NUMBERS = X[:, 0] + np.sin(X[:, 1]) + 0.1 * rng.standard_normal(12)
CLASSES, LABELS = np.arange(12) % 3, np.arange(12) % 2


def logistic(z):
    return 1 / (1 + exp(-z))


def softplus(z):
    return maximum(z, 0) + log1p(exp(-abs(z)))


def elu(z, alpha=1.0):
    return maximum(z, 0) + alpha * expm1(minimum(z, 0))


def maxout(z, pieces=2):
    return z.reshape(z.shape[0], -1, pieces).max(2)


ACTIVATIONS = {
    "identity": lambda z: z,
    "logistic": logistic,
    "tanh": tanh,
    "relu": lambda z: maximum(z, 0),
    "gelu": lambda z: z * (1 + autodiff.erf(z / math.sqrt(2))) / 2,
    "gelu_tanh": lambda z: z * (1 + tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))) / 2,
    "silu": lambda z: z * logistic(z),
    "mish": lambda z: z * tanh(softplus(z)),
    "leaky_relu": lambda z: maximum(z, 0) + 0.01 * minimum(z, 0),
    "elu": elu,
    "selu": lambda z: 1.0507009873554805 * elu(z, 1.6732632423543772),
    "softplus": softplus,
    "softsign": lambda z: z / (1 + abs(z)),
    "hard_tanh": lambda z: maximum(minimum(z, 1), -1),
    "step": lambda z: autodiff.where(z.value >= 0, 1, 0) + 0 * z,
    "maxout": maxout,
}


def softmax(z):
    e = exp(z - z.value.max(axis=1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def ordered(z):
    """The first output, then more by a softplus each."""
    first, n = np.eye(z.shape[1])[:1], z.shape[1]
    return (z * first + softplus(z) * (1 - first)) @ np.triu(np.ones((n, n)))


LINKS = {
    "softmax": softmax,
    "logistic": logistic,
    "identity": lambda z: z,
    "exp": exp,
    "ordered": ordered,
}


def cross_entropy(p, y, smoothing=0.0):
    y = (1 - smoothing) * y + smoothing / y.shape[1]
    return -(y * log(p)).sum(1)


def binary_cross_entropy(p, y, smoothing=0.0):
    y = (1 - smoothing) * y + smoothing / 2
    return -(y * log(p) + (1 - y) * log(1 - p))


def lack(z, y):
    """How much the margin to the largest other score lacks to be 1, or 0."""
    return maximum(1 + (z - 1e9 * y).max(1) - (z * y).sum(1), 0)


def binary_lack(z, y):
    return maximum(1 - (2 * y - 1) * z, 0)


def focal(p, gamma=2.0):
    return -((1 - p) ** gamma) * log(p)


def huber(r, delta=1.0):
    size = abs(r)
    return autodiff.where(size.value > delta, delta * (size - delta / 2), r**2 / 2)


def tweedie(p, y, power=1.5):
    a, b = 1 - power, 2 - power
    return y**b / (a * b) - y * p**a / a + p**b / b


def pinball(q, y, levels=(0.1, 0.5, 0.9)):
    r = y - q
    return (maximum(r, 0) * levels + maximum(-r, 0) * (1 - np.array(levels))).sum(1) / len(levels)


#: Of linked outputs and targets, both (n_samples, n_outputs).
LOSSES = {
    "log_loss": cross_entropy,
    "binary_log_loss": binary_cross_entropy,
    "squared_error": lambda p, y: (p - y) ** 2 / 2,
    "poisson": lambda p, y: y * log(y / p) - y + p,
    "huber": lambda p, y: huber(p - y),
    "absolute_error": lambda p, y: abs(p - y),
    "log_cosh": lambda p, y: abs(p - y) + log1p(exp(-2 * abs(p - y))),
    "gamma": lambda p, y: log(p / y) + y / p - 1,
    "tweedie": tweedie,
    "quantile": pinball,
    "smoothed_log_loss": lambda p, y: cross_entropy(p, y, 0.1),
    "binary_smoothed_log_loss": lambda p, y: binary_cross_entropy(p, y, 0.1),
    "hinge": lack,
    "binary_hinge": binary_lack,
    "squared_hinge": lambda z, y: lack(z, y) ** 2,
    "binary_squared_hinge": lambda z, y: binary_lack(z, y) ** 2,
    "focal": lambda p, y: focal((p * y).sum(1)),
    "binary_focal": lambda p, y: y * focal(p) + (1 - y) * focal(1 - p),
    "class_squared_error": lambda p, y: ((p - y) ** 2).sum(1) / 2,
    "binary_squared_error": lambda p, y: (p - y) ** 2 / 2,
}


def names_of(parameter):
    """What the package's own table of parameters knows."""
    table = {row["name"]: row for row in _native.mlp_regressor_parameters()}
    return table[parameter]["names"]


# ---- the networks


def settings_and_targets(loss):
    """How an estimator gets the loss, its targets, and what the formula compares outputs with."""
    if loss in names_of("loss"):
        y = np.exp(NUMBERS / 2) if _native.loss_links()[loss] == "exp" else NUMBERS
        own = {"quantile": [0.1, 0.5, 0.9]} if loss == "quantile" else {}
        return skarma.MLPRegressor, {"loss": loss, **own}, y, y[:, None]
    binary, name = loss.startswith("binary_"), loss.removeprefix("binary_").removeprefix("class_")
    y = LABELS if binary else CLASSES
    own = {"loss": name}
    if name == "smoothed_log_loss":
        own = {"loss": "log_loss", "label_smoothing": 0.1}
    return skarma.MLPClassifier, own, y, y[:, None] if binary else np.eye(3)[y]


def trained(loss, activation="tanh", **options):
    """A network after some steps, so that no parameter is where it began."""
    cls, own, y, targets = settings_and_targets(loss)
    network = cls(
        hidden_layer_sizes=(5, 5), activation=activation, solver="gd", alpha=0, random_state=1,
        learning_rate_init=RATE, max_iter=5, shuffle=False, **own, **options,
    )  # fmt: skip
    return network.fit(X, y), y, targets


def arrays_of(network):
    """Weights, biases, and scales and shifts of normalisations; copies."""
    norms = getattr(network, "batch_norms_", None) or getattr(network, "layer_norms_", None) or []
    parts = network.coefs_, network.intercepts_, [norm[:2] for norm in norms]
    return [[np.array(array) for array in arrays] for arrays in parts]


def gradient_of(network, y):
    """By a step of gradient descent."""
    before = arrays_of(network)
    after = arrays_of(network.partial_fit(X, y))
    return [
        [(a - b) / RATE for a, b in zip(*pair, strict=True)]
        for pair in zip(before, after, strict=True)
    ]


def normalised(z, axis, norm, moments=None):
    mean = z.mean(axis, keepdims=True) if moments is None else moments[0]
    variance = ((z - mean) ** 2).mean(axis, keepdims=True) if moments is None else moments[1]
    return (z - mean) / autodiff.sqrt(variance + 1e-5) * norm[0] + norm[1]


def outputs(x, network, parameters, training=True):
    """The network's formula, up to what is linked."""
    coefs, intercepts, norms = parameters
    for number, (w, b) in enumerate(zip(coefs, intercepts, strict=True)):
        z = x @ w + b
        if number == len(coefs) - 1:
            return z
        if norms and network.batch_norm:
            moments = None if training else network.batch_norms_[number][2:]
            z = normalised(z, 0, norms[number], moments)
        elif norms:
            z = normalised(z, 1, norms[number])
        hidden = ACTIVATIONS[network.activation](z)
        x = hidden + x if network.residual and number > 0 else hidden


def mean_loss(loss, z, targets):
    """As the losses of all rows are averaged, of which some are a column."""
    return LOSSES[loss](LINKS[_native.loss_links()[loss]](z), targets).mean()


def assert_gradients_agree(loss, activation="tanh", **options):
    network, y, targets = trained(loss, activation, **options)
    parameters = [[Variable(array) for array in arrays] for arrays in arrays_of(network)]
    mean_loss(loss, outputs(X, network, parameters), targets).backward()
    for arrays, gradients in zip(parameters, gradient_of(network, y), strict=True):
        for array, gradient in zip(arrays, gradients, strict=True):
            np.testing.assert_allclose(gradient, array.grad, rtol=1e-9, atol=1e-11)
    return gradients


def assert_input_gradients_agree(loss, activation="tanh", **options):
    network, y, targets = trained(loss, activation, **options)
    x = Variable(X)
    z = outputs(x, network, arrays_of(network), training=False)
    (mean_loss(loss, z, targets) * len(X)).backward()
    ours = network.input_gradient(X, y)
    np.testing.assert_allclose(ours, x.grad, rtol=1e-9, atol=1e-11)


pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
both = pytest.mark.parametrize("agree", [assert_gradients_agree, assert_input_gradients_agree])


@both
@pytest.mark.parametrize("loss", _native.loss_links())
def test_losses(loss, agree):
    agree(loss)


@both
@pytest.mark.parametrize("activation", names_of("activation"))
def test_activations(activation, agree):
    agree("squared_error", activation)
    agree("log_loss", activation)


@both
@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("norm", [None, "batch_norm", "layer_norm"])
@pytest.mark.parametrize("activation", ["tanh", "gelu", "relu", "maxout"])
def test_layers(activation, norm, residual, agree):
    options = {"residual": residual} | ({norm: True} if norm else {})
    agree("squared_error", activation, **options)
    agree("log_loss", activation, **options)


def test_normalisations_have_gradients():
    for norm in ("batch_norm", "layer_norm"):
        gradients = assert_gradients_agree("squared_error", **{norm: True})
        assert len(gradients) == 2 and all(np.abs(array).max() > 1e-4 for array in gradients)


def test_there_is_a_formula_for_everything():
    assert set(ACTIVATIONS) == set(names_of("activation"))
    assert set(LOSSES) == set(_native.loss_links())
    assert set(LINKS) == set(_native.loss_links().values())
