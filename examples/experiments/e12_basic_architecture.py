"""
E12: The basic architecture
===========================

Three inputs, four hidden units, two outputs.
"""

import numpy as np
from shared_figures import near, report
from shared_pictures import beside, places

from skarma import MLPRegressor


def example():
    random_state = np.random.RandomState(0)
    X, Y = random_state.normal(size=(20, 3)), random_state.normal(size=(20, 2))
    network = MLPRegressor(hidden_layer_sizes=(4,), max_iter=1, random_state=0)
    return network.fit(X, Y), X


def by_hand(network, X):
    (w1, w2), (b1, b2) = network.coefs_, network.intercepts_
    return np.maximum(X @ w1 + b1, 0) @ w2 + b2


def run():
    network, X = example()
    arrays = [*network.coefs_, *network.intercepts_]
    yield near("parameters", sum(array.size for array in arrays), 26)
    yield near("largest difference from h = f(x W1 + b1), o = h W2 + b2",
               np.abs(network.predict(X) - by_hand(network, X)).max(), 0, 1e-12)  # fmt: skip


def picture():
    network, X = example()
    return beside(places(), by_hand(network, X), network.predict(X),
                  xlabel="h W2 + b2, by hand", ylabel="predict")  # fmt: skip


if __name__ == "__main__":
    report(run, picture)
