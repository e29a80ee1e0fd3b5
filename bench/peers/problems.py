"""The data of a case, the draws that scikit-learn makes for it, and the loss of what was learnt.

Every peer starts from the same weights and takes the same rows in the same order, so that all of
them end with the same loss, but for rounding.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy.optimize
import sklearn.datasets
from scipy.special import expit, log_softmax
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

ALPHA, LEARNING_RATE = 1e-4, 1e-3
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
ROWS_AT_ONCE = 1000  # of a large prediction: what goes through all layers fits the cache
ALPHAS, RATES = [1e-4, 1e-3, 1e-2, 1e-1], [1e-3, 3e-3, 1e-2]


@dataclass
class Problem:
    """Samples `X` (n_samples, n_features), labels or values `y`, and how to train on them.

    `units` are the sizes of all layers; `output` is "softmax", "logistic" or "identity"; `epochs`
    are iterations for L-BFGS. A search goes over `grid`, on `n_jobs` threads.
    """

    X: np.ndarray
    y: np.ndarray
    units: tuple
    output: str
    epochs: int
    batch: int = 200
    activation: str = "relu"
    grid: str = ""
    n_jobs: int = 1

    def targets(self):
        """What the network is to put out, (n_samples, n_outputs)."""
        if self.output == "softmax":
            return np.eye(self.units[-1], dtype=self.X.dtype)[self.y]
        return self.y.astype(self.X.dtype)[:, None]

    def folds(self):
        """Pairs of train and test rows of a search."""
        if self.grid == "24":
            return list(StratifiedKFold(5).split(self.X, self.y))
        rows = np.arange(len(self.X))
        return [(rows, test) for test in np.array_split(rows, 5)]

    def candidates(self):
        """Lists of (alpha, rate) by hidden layer size: what is searched."""
        if self.grid == "24":
            pairs = [(alpha, rate) for alpha in ALPHAS for rate in RATES]
            return {50: pairs, 100: pairs}
        return {self.units[1]: [(alpha, LEARNING_RATE) for alpha in np.logspace(-4, 1, 50)]}


def load(dtype, data, n_samples=None, **settings):
    """The problem of a case."""
    if data == "made_up":
        X, y = made_up(n_samples, settings["units"][0], settings["output"])
    else:
        X, y = getattr(sklearn.datasets, f"load_{data}")(return_X_y=True)
        X = StandardScaler().fit_transform(X)
    return Problem(np.ascontiguousarray(X, dtype=dtype), y, **settings)


def made_up(n_samples, n_features, output):
    """Samples that have something to learn, and some noise."""
    random_state = np.random.RandomState(0)
    X = random_state.standard_normal((n_samples, n_features)).astype(np.float32)
    signal = X[:, :10] + 0.5 * random_state.standard_normal((n_samples, 10))
    if output == "softmax":
        return X, np.argmax(signal, axis=1)
    total = np.tanh(signal[:, 0]) + signal[:, 1] * signal[:, 2]
    return X, total if output == "identity" else (total > 0).astype(int)


def initial_weights(units, activation, random_state, dtype):
    """Pairs of weights (fan_in, fan_out) and biases (fan_out,), as scikit-learn draws them."""
    layers = []
    for fan_in, fan_out in zip(units[:-1], units[1:], strict=True):
        bound = np.sqrt((2.0 if activation == "logistic" else 6.0) / (fan_in + fan_out))
        weights = random_state.uniform(-bound, bound, (fan_in, fan_out))
        bias = random_state.uniform(-bound, bound, fan_out)
        layers.append((weights.astype(dtype), bias.astype(dtype)))
    return layers


def row_orders(n_samples, epochs, random_state):
    """The order of the rows in every epoch, (epochs, n_samples), as scikit-learn shuffles them."""
    orders, order = np.empty((epochs, n_samples), dtype=np.int32), np.arange(n_samples)
    for epoch in range(epochs):
        order = order[random_state.permutation(n_samples)]
        orders[epoch] = order
    return orders


def trained_layers(problem):
    """The weights after scikit-learn's first epoch over 1000 samples: something to predict with."""
    network = MLPClassifier(problem.units[1:-1], max_iter=1, random_state=0)
    network.fit(problem.X[:1000], problem.y[:1000])
    return list(zip(network.coefs_, network.intercepts_, strict=True))


def minimise(loss_and_gradient, layers, max_iter):
    """SciPy's L-BFGS-B over one vector of all weights, as scikit-learn calls it; its layers.

    `loss_and_gradient` takes and returns a vector of the layers' type.
    """
    arrays = [array for layer in layers for array in layer]
    dtype, shapes = arrays[0].dtype, [array.shape for array in arrays]

    def in_float64(packed):
        loss, gradient = loss_and_gradient(packed.astype(dtype))
        return float(loss), np.asarray(gradient, dtype=np.float64)

    start = np.concatenate([array.ravel() for array in arrays]).astype(np.float64)
    options = {"maxiter": max_iter, "maxfun": 15000, "gtol": 1e-12}
    packed = scipy.optimize.minimize(
        in_float64, start, method="L-BFGS-B", jac=True, options=options
    ).x
    return unpacked(packed, shapes)


def unpacked(packed, shapes):
    """Pairs of weights and biases in one vector."""
    arrays, offset = [], 0
    for shape in shapes:
        size = math.prod(shape)
        arrays.append(packed[offset : offset + size].reshape(shape))
        offset += size
    return list(zip(arrays[::2], arrays[1::2], strict=True))


def outputs(problem, layers, X):
    """The network's outputs before their activation, in float64."""
    hidden = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "logistic": expit}
    values = X.astype(np.float64)
    for i, (weights, bias) in enumerate(layers):
        values = values @ np.asarray(weights, dtype=np.float64) + bias
        if i + 1 < len(layers):
            values = hidden[problem.activation](values)
    return values


def final_loss(problem, layers):
    """The mean loss over the first 10000 samples plus the penalty, in float64."""
    T = problem.targets()[:10000].astype(np.float64)
    z = outputs(problem, layers, problem.X[:10000])
    if problem.output == "softmax":
        loss = -np.sum(T * log_softmax(z, axis=1), axis=1)
    elif problem.output == "logistic":
        loss = (np.logaddexp(0, z) - T * z)[:, 0]
    else:
        loss = 0.5 * ((z - T) ** 2)[:, 0]
    penalty = sum(np.sum(np.square(weights, dtype=np.float64)) for weights, _ in layers)
    return float(np.mean(loss) + 0.5 * ALPHA * penalty / len(problem.X))
