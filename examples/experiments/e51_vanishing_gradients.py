"""
E51: The vanishing gradient of sigmoids
=======================================

The vanishing gradient of sigmoids: five hidden layers of 100 units on 1000 rows of MNIST.

Root mean squares of the gradients by the weights of a layer, with the weights that training starts
from.
"""

from shared_figures import mnist, near, report
from shared_pictures import digits

from skarma import demos

RATIOS = {"logistic": 40_642, "tanh": 3.7, "relu": 4.7}  # by scikit-learn


def figures():
    X, y, *_ = mnist()
    return demos.vanishing_gradients(X[:1000], y[:1000], list(RATIOS))


def run():
    ratios = figures().ratios
    for (activation, expected), ratio in zip(RATIOS.items(), ratios, strict=True):
        name = f"gradient of the last layer / of the first, {activation}"
        yield near(name, ratio, expected, 0.5 if expected > 100 else 0.05)


def picture():
    """On scikit-learn's digits."""
    return demos.vanishing_gradients(*digits(), list(RATIOS)).plot()


if __name__ == "__main__":
    report(run, picture)
