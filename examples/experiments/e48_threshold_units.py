"""
E48: Threshold units, Rosenblatt's perceptron
=============================================

Threshold units, which McCulloch and Pitts made logic of and Rosenblatt learnt from.
"""

import warnings

import numpy as np
from shared_figures import near, report

from skarma import MLPClassifier, MLPRegressor, demos

X = demos.CORNERS
GATES = {"and": ([1.0, 1.0], -1.5, [0, 0, 0, 1]), "or": ([1.0, 1.0], -0.5, [0, 1, 1, 1])}


def gate(weights, bias):
    """A unit that fires from 0 on."""
    network = MLPRegressor(hidden_layer_sizes=(1,), activation="logistic", max_iter=1)
    network.fit(X, np.zeros(4))
    network.activation = "step"
    network.coefs_ = [np.array(weights)[:, None], np.array([[1.0]])]
    network.intercepts_ = [np.array([bias]), np.array([0.0])]
    return network


def run():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, (weights, bias, expected) in GATES.items():
            right = (gate(weights, bias).predict(X) == expected).sum()
            yield near(f"rows of '{name}' that are right", right, 4)
            learnt = demos.perceptron(X, expected)
            yield near(f"mistakes in the last epoch of Rosenblatt's rule, '{name}'",
                       learnt.n_mistakes[-1], 0)  # fmt: skip
        fixed = MLPClassifier((40,), "step", solver="lbfgs", random_state=0).fit(X, [0, 1, 1, 0])
        yield near("accuracy of fixed random units on xor", fixed.score(X, [0, 1, 1, 0]), 1.0)


def picture():
    return demos.perceptron(X, GATES["and"][2]).plot()


if __name__ == "__main__":
    report(run, picture)
