"""
E17 and E18: Stochastic gradient descent
========================================

Stochastic gradient descent, sample by sample and in batches of 50, as a few lines.

The lines go through the shuffled samples as training does, whose order and first weights come from
the same random numbers, and step down the mean gradient of a batch.
"""

import numpy as np
from shared_figures import cancer, near, report
from shared_pictures import beside, places

from skarma import MLPRegressor

ROWS = ("E17", "E18")
N_UNITS, RATE, EPOCHS = 6, 0.01, 3


def by_hand(X, y, batch_size):
    """The weights of a tanh network after some epochs."""
    random_state = np.random.RandomState(0)

    def drawn(n_in, n_out):
        bound = np.sqrt(6 / (n_in + n_out))
        return (
            random_state.uniform(-bound, bound, (n_in, n_out)),
            random_state.uniform(-bound, bound, n_out),
        )

    (w1, b1), (w2, b2) = drawn(X.shape[1], N_UNITS), drawn(N_UNITS, 1)
    order = np.arange(len(y))
    for _ in range(EPOCHS):
        order = order[random_state.permutation(len(y))]
        for begin in range(0, len(y), batch_size):
            rows = order[begin : begin + batch_size]
            hidden = np.tanh(X[rows] @ w1 + b1)
            by_output = (hidden @ w2 + b2 - y[rows, None]) / len(rows)
            by_hidden = by_output @ w2.T * (1 - hidden**2)
            w2 -= RATE * hidden.T @ by_output
            b2 -= RATE * by_output.sum(axis=0)
            w1 -= RATE * X[rows].T @ by_hidden
            b1 -= RATE * by_hidden.sum(axis=0)
    return [w1, w2, b1, b2]


def data():
    X, y, _, _ = cancer()
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def of_skarma(X, y, batch_size):
    return MLPRegressor(
        hidden_layer_sizes=(N_UNITS,),
        activation="tanh",
        solver="sgd",
        momentum=0,
        alpha=0,
        batch_size=batch_size,
        learning_rate_init=RATE,
        max_iter=EPOCHS,
        random_state=0,
    ).fit(X, y)


def run():
    X, y = data()
    for name, batch_size in (("one sample a step", 1), ("batches of 50", 50)):
        network = of_skarma(X, y, batch_size)
        pairs = zip(by_hand(X, y, batch_size), network.coefs_ + network.intercepts_, strict=True)
        difference = max(np.abs(ours - theirs).max() for ours, theirs in pairs)
        yield near(f"largest difference of the weights, {name}", difference, 0, 1e-12)


def picture():
    X, y = data()
    network = of_skarma(X, y, 1)
    ours = np.concatenate([np.ravel(array) for array in network.coefs_ + network.intercepts_])
    by_lines = np.concatenate([np.ravel(array) for array in by_hand(X, y, 1)])
    return beside(places(), by_lines, ours, xlabel="weight by the lines", ylabel="of MLPRegressor")


if __name__ == "__main__":
    report(run, picture)
