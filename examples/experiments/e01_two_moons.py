"""
E01: Two moons, the network that everybody starts with
======================================================

The network that everybody starts with, on two moons.
"""

from shared_figures import between, moons, near, report
from shared_pictures import boundary, places

from skarma import MLPClassifier


def run():
    X_train, y_train, X_test, y_test = moons()
    network = MLPClassifier(solver="lbfgs", random_state=0).fit(X_train, y_train)
    yield near("train accuracy", network.score(X_train, y_train), 1.0)
    yield between("test accuracy", network.score(X_test, y_test), 0.76, 0.92)
    yield between("iterations", network.n_iter_, 100, 200)


def picture():
    X_train, y_train, X_test, y_test = moons()
    network = MLPClassifier(solver="lbfgs", random_state=0).fit(X_train, y_train)
    return boundary(places(), network, X_train, y_train, X_test, y_test)


if __name__ == "__main__":
    report(run, picture)
