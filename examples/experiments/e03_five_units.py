"""
E03: Two moons, five hidden units
=================================

Five hidden units draw a boundary of few pieces.
"""

from shared_figures import moons, near, report
from shared_pictures import boundary, places

from skarma import MLPClassifier


def run():
    X_train, y_train, X_test, y_test = moons()
    network = MLPClassifier((5,), solver="lbfgs", random_state=10).fit(X_train, y_train)
    yield near("train accuracy", network.score(X_train, y_train), 70 / 75, 1e-12)
    yield near("test accuracy", network.score(X_test, y_test), 0.92, 1e-12)
    yield near("iterations", network.n_iter_, 39)
    yield near("loss", network.loss_, 0.119476, 5e-7)


def picture():
    X_train, y_train, X_test, y_test = moons()
    network = MLPClassifier((5,), solver="lbfgs", random_state=10).fit(X_train, y_train)
    return boundary(places(), network, X_train, y_train, X_test, y_test)


if __name__ == "__main__":
    report(run, picture)
