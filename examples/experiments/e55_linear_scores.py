"""
E55: Linear scores of three classes
===================================

Scores of a linear classifier of three classes, W x + b.
"""

import warnings

import numpy as np
from shared_figures import near, report
from shared_pictures import bars, places

from skarma import MLPClassifier

W = np.array([[0.2, -0.5, 0.1, 2.0], [1.5, 1.3, 2.1, 0.0], [0.0, 0.25, 0.2, -0.3]])
X, B = np.array([[56.0, 231.0, 24.0, 2.0]]), np.array([1.1, 3.2, -1.2])


def network():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = MLPClassifier((), max_iter=1).fit(np.eye(4)[:3], [0, 1, 2])
    made.coefs_, made.intercepts_ = [W.T.copy()], [B]
    return made


def run():
    for label, score, expected in zip("012", network().logits(X)[0], (-96.8, 437.9, 60.75),
                                      strict=True):  # fmt: skip
        yield near(f"score of class {label}", score, expected, 1e-9)
    yield near("predicted class", network().predict(X)[0], 1)


def picture():
    scores = dict(zip(("class 0", "class 1", "class 2"), network().logits(X)[0], strict=True))
    return bars(places(size=(6.4, 2.6)), scores, digits=4, xlabel="score")


if __name__ == "__main__":
    report(run, picture)
