"""
E39: Dropout
============

Dropout of inputs and of hidden units, another mask for each sample and step.

What is kept is divided by its share, so that the mean of an output is what predicts, and its
variance follows from the weights: with a linear network and a rate too small to learn, training's
mean loss over many epochs is known.
"""

import numpy as np
from shared_figures import between, near, report
from shared_pictures import curves, places

from skarma import MLPRegressor

N_EPOCHS, INPUTS, HIDDEN = 3000, 0.2, 0.5


def network(seed=0, **settings):
    common = {"hidden_layer_sizes": (8,), "activation": "identity", "alpha": 0, "solver": "sgd"}
    common |= {"momentum": 0, "learning_rate_init": 1e-300, "batch_size": 20, "tol": 0}
    common |= {"max_iter": N_EPOCHS, "n_iter_no_change": N_EPOCHS + 1, "random_state": seed}
    return MLPRegressor(**common | settings)


def run():
    random_state = np.random.RandomState(0)
    X, y = random_state.normal(size=(20, 3)), random_state.normal(size=20)
    plain = network(max_iter=1).fit(X, y)
    (w1, w2), (b1, b2) = plain.coefs_, plain.intercepts_
    error = (X @ w1 + b1) @ w2[:, 0] + b2 - y
    odds_in, odds = INPUTS / (1 - INPUTS), HIDDEN / (1 - HIDDEN)
    hidden = X @ w1 + b1
    by_inputs = odds_in * (X**2) @ (w1 @ w2) ** 2
    spread = odds_in * X**2 @ w1**2  # of each hidden unit, by the inputs
    for name, dropout, variance in (
        ("hidden units", HIDDEN, odds * hidden**2 @ w2**2),
        ("inputs", [INPUTS, 0.0], by_inputs),
        ("both", [INPUTS, HIDDEN], by_inputs + odds * (hidden**2 + spread) @ w2**2),
    ):
        fitted = network(dropout=dropout).fit(X, y)
        expected = np.mean(error**2 + variance[:, 0]) / 2
        mean = np.mean(fitted.loss_curve_) / expected
        yield near(f"mean loss / expected, dropout of {name}", mean, 1, 0.02)
        again, other = network(dropout=dropout).fit(X, y), network(dropout=dropout, seed=1)
        same = np.array_equal(again.loss_curve_, fitted.loss_curve_)
        yield near(f"the same by the same seed, dropout of {name}", same, 1)
        difference = np.abs(fitted.predict(X) - plain.predict(X)).max()
        yield near(f"difference of predictions from those without, {name}", difference, 0, 1e-12)
        masks = len(set(np.round(other.fit(X, y).loss_curve_, 12)))
        yield between(
            f"different losses of {N_EPOCHS} epochs, dropout of {name}", masks, 2900, 3000
        )


def picture():
    random_state = np.random.RandomState(0)
    X, y = random_state.normal(size=(20, 3)), random_state.normal(size=20)
    fits = {
        "without": network(max_iter=200).fit(X, y),
        "inputs": network(dropout=[INPUTS, 0.0], max_iter=200).fit(X, y),
        "hidden units": network(dropout=HIDDEN, max_iter=200).fit(X, y),
    }
    lines = {name: fit.loss_curve_ for name, fit in fits.items()}
    return curves(places(), lines, xlabel="epoch, of which none learns", ylabel="loss")


if __name__ == "__main__":
    report(run, picture)
