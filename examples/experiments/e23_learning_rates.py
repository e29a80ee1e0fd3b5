"""
E23: Learning rates: constant, decreasing, adapted
==================================================

A constant learning rate is poor; let it fall, or adapt one to each weight.

Breast cancer, scaled, batches of 20: a rate that is high enough to come down fast keeps the noise
of the batches. Losses are those over all samples, at the end of 30 epochs.
"""

import numpy as np
from shared_figures import between, cancer, near, report
from shared_pictures import curves, places
from sklearn.metrics import log_loss

from skarma import MLPClassifier

HIGH = {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 2.0}


def data():
    X, y, _, _ = cancer()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    rng = np.random.RandomState(0)
    return X, np.where(rng.uniform(size=len(y)) < 0.1, 1 - y, y)  # some labels are wrong


def fitted(X, y, seed=0, **settings):
    common = {"hidden_layer_sizes": (), "alpha": 0, "batch_size": 20, "max_iter": 30}
    common |= {"n_iter_no_change": 100, "random_state": seed}
    return MLPClassifier(**common | HIGH | settings).fit(X, y)


def run():
    X, y = data()

    def loss(**settings):
        networks = [fitted(X, y, seed, **settings) for seed in range(5)]
        return np.mean([log_loss(y, one.predict_proba(X)) for one in networks])

    constant = loss()
    for name in ("invscaling", "step(every=5, factor=0.5)", "exponential", "cosine", "one_cycle"):
        share = loss(learning_rate=name) / constant
        yield between(f"loss with {name} / constant", share, 0.1, 0.8)
    adam = loss(solver="adam", learning_rate_init=0.02)
    yield between("loss with adam, a rate for each weight / constant", adam / constant, 0.1, 0.8)
    rates = fitted(X, y, learning_rate="invscaling", power_t=0.5).history_["learning_rate"]
    steps = np.arange(len(rates)) * len(y)
    expected = HIGH["learning_rate_init"] / np.sqrt(steps + 1)
    error = np.abs(np.array(rates) / expected - 1).max()
    yield near("invscaling: rate / (rate_0 / (samples seen + 1)^0.5) - 1", error, 0, 1e-12)


def picture():
    X, y = data()
    lines = {
        name: fitted(X, y, learning_rate=name).loss_curve_
        for name in ("constant", "invscaling", "exponential", "cosine", "one_cycle")
    }
    lines["adam"] = fitted(X, y, solver="adam", learning_rate_init=0.02).loss_curve_
    return curves(places(), lines, xlabel="epoch", ylabel="loss", yscale="log")


if __name__ == "__main__":
    report(run, picture)
