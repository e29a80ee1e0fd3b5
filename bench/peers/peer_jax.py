"""jax as a peer: one compiled program for a whole fit, and one for all fits of a search (vmap)."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from problems import (
    ALPHA,
    BETA_1,
    BETA_2,
    EPSILON,
    LEARNING_RATE,
    ROWS_AT_ONCE,
    initial_weights,
    minimise,
    row_orders,
    trained_layers,
    unpacked,
)

jax.config.update("jax_enable_x64", True)  # for float64; float32 stays float32

ACTIVATIONS = {"relu": jax.nn.relu, "tanh": jnp.tanh, "logistic": jax.nn.sigmoid}


def outputs(layers, X, activation):
    """The network's outputs before their activation."""
    for weights, bias in layers[:-1]:
        X = ACTIVATIONS[activation](X @ weights + bias)
    weights, bias = layers[-1]
    return X @ weights + bias


def losses_of(z, T, output):
    """The loss of every sample."""
    if output == "softmax":
        return -jnp.sum(T * jax.nn.log_softmax(z), axis=1)
    if output == "logistic":
        return (jax.nn.softplus(z) - T * z)[:, 0]
    return 0.5 * jnp.square(z - T)[:, 0]


def loss(layers, X, T, counts, alpha, network):
    """Mean loss of the samples that count (1 or 0; None: all of them) and penalty."""
    activation, output = network
    losses = losses_of(outputs(layers, X, activation), T, output)
    total, n_samples = (
        (jnp.sum(losses), len(losses)) if counts is None else (losses @ counts, jnp.sum(counts))
    )
    penalty = sum(jnp.vdot(weights, weights) for weights, _ in layers)
    return (total + 0.5 * alpha * penalty) / n_samples


def adam_step(state, gradients, rate):
    """One step of Kingma and Ba, in scikit-learn's form."""
    layers, first, second, t = state
    t = t + 1
    first = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, gradients)
    second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, gradients)
    rate = rate * jnp.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
    layers = jax.tree.map(
        lambda w, m, v: w - rate * m / (jnp.sqrt(v) + EPSILON), layers, first, second
    )
    return layers, first, second, t


def train(layers, X, T, full, last, counts, alpha, rate, network):
    """All epochs of a fit; the layers and the loss of every epoch.

    `full` are rows (epochs, batches, batch), `last` those of each epoch's short batch (epochs, rows
    or 0), of which `counts` says which ones are there.
    """

    def step(state, rows, counts=None):
        arguments = state[0], X[rows], T[rows], counts, alpha, network
        value, gradients = jax.value_and_grad(loss)(*arguments)
        return adam_step(state, gradients, rate), value * len(rows)

    def epoch(state, rows):
        state, values = lax.scan(step, state, rows[0])
        if last.shape[1]:
            state, value = step(state, rows[1], counts)
            values = jnp.append(values, value)
        return state, jnp.sum(values)

    zeros = jax.tree.map(jnp.zeros_like, layers)
    start = layers, zeros, zeros, jnp.zeros((), X.dtype)
    (layers, *_), curve = lax.scan(epoch, start, (full, last))
    return layers, curve


def accuracy(layers, X, y, rows, counts, network):
    """The share of right predictions among the rows that count."""
    z = outputs(layers, X[rows], network[0])
    predicted = jnp.argmax(z, axis=1) if network[1] == "softmax" else (z[:, 0] > 0).astype(y.dtype)
    return (predicted == y[rows]) @ counts / jnp.sum(counts)


def train_and_score(layers, X, T, y, full, last, counts, test, tested, alpha, rate, network):
    layers, _ = train(layers, X, T, full, last, counts, alpha, rate, network)
    return accuracy(layers, X, y, test, tested, network)


@partial(jax.jit, static_argnames="network")
def search_of_one_size(*arguments, network):
    """Accuracies (folds, candidates): the candidates of a fold share its batches."""
    run = partial(train_and_score, network=network)
    shared = (None,) * 9
    over_candidates = jax.vmap(run, (*shared, 0, 0))
    return jax.vmap(over_candidates, (None,) * 4 + (0,) * 5 + (None,) * 2)(*arguments)


def padded(lists, dtype):
    """Rows, whose number differs along the last axis, in one array, and 1 where there is one."""
    lengths = np.array([rows.shape[-1] for rows in lists])
    width = lengths.max()
    rows = [np.pad(row, [(0, 0)] * (row.ndim - 1) + [(0, width - row.shape[-1])]) for row in lists]
    return np.stack(rows), (np.arange(width) < lengths[:, None]).astype(dtype)


def batches(orders, batch):
    """Full batches (epochs, batches, batch) and the rows that are left over (epochs, rows)."""
    n_full = orders.shape[1] // batch * batch
    return orders[:, :n_full].reshape(len(orders), -1, batch), orders[:, n_full:]


class Works:
    """Every method returns a function to be timed; the data are jax's own before."""

    def adam(self, problem):
        network = (problem.activation, problem.output)
        X, T = jnp.asarray(problem.X), jnp.asarray(problem.targets())
        fit = jax.jit(train, static_argnames="network")

        def run():
            random_state = np.random.RandomState(0)
            layers = initial_weights(problem.units, problem.activation, random_state, X.dtype)
            orders = row_orders(len(X), problem.epochs, random_state)
            full, last = batches(orders, problem.batch)
            layers, curve = fit(
                layers, X, T, full, last, None, ALPHA, LEARNING_RATE, network=network
            )
            np.asarray(curve)
            return jax.tree.map(np.asarray, layers)

        return run

    def lbfgs(self, problem):
        network = (problem.activation, problem.output)
        X, T = jnp.asarray(problem.X), jnp.asarray(problem.targets())
        draw = partial(initial_weights, problem.units, problem.activation)
        shapes = [
            array.shape for layer in draw(np.random.RandomState(0), X.dtype) for array in layer
        ]

        @jax.jit
        def loss_and_gradient(packed, X, T):
            def value(packed):
                return loss(unpacked(packed, shapes), X, T, None, ALPHA, network)

            return jax.value_and_grad(value)(packed)

        def run():
            layers = draw(np.random.RandomState(0), X.dtype)
            return minimise(lambda packed: loss_and_gradient(packed, X, T), layers, problem.epochs)

        return run

    def predict_proba(self, problem):
        layers = jax.tree.map(jnp.asarray, trained_layers(problem))
        X = jnp.asarray(problem.X)

        def predict(layers, X):
            probability = jax.nn.sigmoid(outputs(layers, X, problem.activation))
            return jnp.concatenate([1 - probability, probability], axis=1)

        @jax.jit
        def predict_in_blocks(layers, X):
            blocks = X.reshape(-1, ROWS_AT_ONCE, X.shape[1])
            return lax.map(partial(predict, layers), blocks).reshape(-1, 2)

        return lambda: np.asarray(predict_in_blocks(layers, X))

    def predict_one(self, problem):
        layers = jax.tree.map(jnp.asarray, trained_layers(problem))
        row, classes = problem.X[:1], np.unique(problem.y)
        predict = jax.jit(lambda layers, X: outputs(layers, X, problem.activation)[:, 0] > 0)
        return lambda: classes[np.asarray(predict(layers, row)).astype(int)]

    def search(self, problem):
        X, T, y = (jnp.asarray(array) for array in (problem.X, problem.targets(), problem.y))
        folds = problem.folds()
        test, tested = padded([rows for _, rows in folds], X.dtype)
        network = (problem.activation, problem.output)

        def scores(size, pairs):
            units = (problem.units[0], size, problem.units[-1])
            full, last = [], []
            for rows, _ in folds:
                random_state = np.random.RandomState(0)
                layers = initial_weights(units, problem.activation, random_state, X.dtype)
                orders = rows[row_orders(len(rows), problem.epochs, random_state)]
                for kept, part in zip((full, last), batches(orders, problem.batch), strict=True):
                    kept.append(part)
            last, counts = padded(last, X.dtype)
            alpha, rate = np.array(pairs, dtype=X.dtype).T
            data = (layers, X, T, y, np.stack(full), last, counts, test, tested, alpha, rate)
            return np.asarray(search_of_one_size(*data, network=network)).mean(axis=0)

        def run():
            sizes = problem.candidates().items()
            return np.concatenate([scores(size, pairs) for size, pairs in sizes])

        return run


works = Works()
