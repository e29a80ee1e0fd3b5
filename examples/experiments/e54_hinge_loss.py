"""
E54: Hinge loss
===============

The hinge loss is zero where a score is on its side by 1; a network learns by it.
"""

import numpy as np
from shared_figures import between, cancer, near, report
from shared_pictures import curves, places
from sklearn.metrics import hinge_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skarma import MLPClassifier


def run():
    X_train, y_train, X_test, y_test = cancer()
    scaler = StandardScaler().fit(X_train)
    X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
    network = MLPClassifier((20,), loss="hinge", alpha=0, max_iter=100, random_state=0)
    network.set_params(solver="lbfgs").fit(X_train, y_train)
    scores = network.decision_function(X_train)
    yield near("loss, less scikit-learn's hinge_loss", network.loss_ - hinge_loss(y_train, scores),
               0, 1e-12)  # fmt: skip
    beyond = (2 * y_train - 1) * scores >= 1
    yield between("share of samples that lose nothing", beyond.mean(), 0.95, 1)
    yield between("test accuracy", network.score(X_test, y_test), 0.93, 1)
    # Without a hidden layer, the squared hinge loss is a linear support vector machine's.
    svm = LinearSVC(C=1.0, loss="squared_hinge", tol=1e-10, max_iter=10**6, random_state=0)
    svm = make_pipeline(svm).fit(np.column_stack([X_train, np.ones(len(X_train))]), y_train)
    linear = MLPClassifier((), loss="squared_hinge", solver="lbfgs", alpha=1.0, tol=1e-9)
    linear.set_params(max_iter=5000, max_fun=10**5, random_state=0)
    accuracy = linear.fit(X_train, y_train).score(X_test, y_test)
    theirs = svm.score(np.column_stack([X_test, np.ones(len(X_test))]), y_test)
    yield near("test accuracy without a hidden layer, beside LinearSVC's", accuracy, theirs, 0.015)


def picture():
    """The hinge losses by the score, and the scores that a network comes to."""
    X, y, _, _ = cancer()
    X = StandardScaler().fit_transform(X)
    score = np.linspace(-2, 4, 121)
    above, below = places(2, 1, (6.4, 5))
    lines = {"hinge": np.maximum(1 - score, 0), "squared_hinge": np.maximum(1 - score, 0) ** 2}
    curves(above, lines, score, xlabel="score", ylabel="loss")
    network = MLPClassifier((20,), loss="hinge", solver="lbfgs", alpha=0, random_state=0)
    scores = (2 * y - 1) * network.fit(X, y).decision_function(X)
    below.hist(scores, bins=60)
    below.axvline(1, color="C1", label="from here on nothing is lost")
    below.set(xlabel="score of a sample, on its own side", ylabel="samples")
    below.legend()
    return above, below


if __name__ == "__main__":
    report(run, picture)
