"""E49: no perceptron computes xor, a network with a hidden layer does."""

import warnings

import numpy as np
from shared_figures import between, near, show
from sklearn.linear_model import Perceptron

from skarma import MLPClassifier

X, Y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
SOLVED = {
    ("relu", 2): 7, ("relu", 4): 10, ("tanh", 2): 14,
    ("tanh", 4): 20, ("logistic", 2): 9, ("logistic", 4): 20,
}  # fmt: skip


def run():
    yield near("accuracy of a perceptron", Perceptron().fit(X, Y).score(X, Y), 0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for (activation, units), expected in SOLVED.items():
            n = sum(
                MLPClassifier(
                    (units,), activation, solver="lbfgs", max_iter=1000, random_state=seed
                )
                .fit(X, Y)
                .score(X, Y)
                == 1.0
                for seed in range(20)
            )
            name = f"of 20 seeds that solve it, {activation} ({units},)"
            yield between(name, n, expected - 3, expected + 3)


if __name__ == "__main__":
    show(run())
