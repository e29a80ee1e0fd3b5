"""E55: scores of a linear classifier of three classes, W x + b."""

import warnings

import numpy as np
from shared_figures import near, show

from skarma import MLPClassifier

W = np.array([[0.2, -0.5, 0.1, 2.0], [1.5, 1.3, 2.1, 0.0], [0.0, 0.25, 0.2, -0.3]])
X, B = np.array([[56.0, 231.0, 24.0, 2.0]]), np.array([1.1, 3.2, -1.2])


def run():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = MLPClassifier((), max_iter=1).fit(np.eye(4)[:3], [0, 1, 2])
    network.coefs_, network.intercepts_ = [W.T.copy()], [B]
    for label, score, expected in zip("012", network.logits(X)[0], (-96.8, 437.9, 60.75),
                                      strict=True):  # fmt: skip
        yield near(f"score of class {label}", score, expected, 1e-9)
    yield near("predicted class", network.predict(X)[0], 1)


if __name__ == "__main__":
    show(run())
