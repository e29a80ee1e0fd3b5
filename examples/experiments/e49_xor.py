"""
E49: XOR
========

No perceptron computes xor, a network with a hidden layer does.
"""

import warnings

from shared_figures import between, near, report
from sklearn.linear_model import Perceptron

from skarma import demos

X, Y = demos.CORNERS, demos.XOR
SOLVED = {
    ("relu", 2): 7, ("relu", 4): 10, ("tanh", 2): 14,
    ("tanh", 4): 20, ("logistic", 2): 9, ("logistic", 4): 20,
}  # fmt: skip


def run():
    yield near("accuracy of a perceptron", Perceptron().fit(X, Y).score(X, Y), 0.5)
    rosenblatts = demos.perceptron(X, Y, max_epochs=1000)
    yield between("fewest mistakes of an epoch by Rosenblatt's rule, of 1000",
                  rosenblatts.n_mistakes.min(), 1)  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for (activation, units), expected in SOLVED.items():
            n = sum(
                demos.xor_network((units,), activation, random_state=seed).accuracy == 1.0
                for seed in range(20)
            )
            name = f"of 20 seeds that solve it, {activation} ({units},)"
            yield between(name, n, expected - 3, expected + 3)


def picture():
    return demos.xor_network().plot()


if __name__ == "__main__":
    report(run, picture)
