"""
E04: Two moons, three small layers, relu
========================================

Three hidden layers of ten units, relu.
"""

from shared_figures import between, moons, near, report
from shared_pictures import boundary, places

from skarma import MLPClassifier


def run(activation="relu"):
    X_train, y_train, X_test, y_test = moons()
    network = MLPClassifier((10, 10, 10), activation, solver="lbfgs", random_state=0)
    network.fit(X_train, y_train)
    expected = 73 / 75 if activation == "relu" else 1.0
    yield near("train accuracy", network.score(X_train, y_train), expected, 1e-12)
    yield between("test accuracy", network.score(X_test, y_test), 0.76, 0.96)


def picture(activation="relu"):
    X_train, y_train, X_test, y_test = moons()
    network = MLPClassifier((10, 10, 10), activation, solver="lbfgs", random_state=0)
    network.fit(X_train, y_train)
    return boundary(places(), network, X_train, y_train, X_test, y_test)


if __name__ == "__main__":
    report(run, picture)
