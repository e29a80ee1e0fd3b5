"""E04: three hidden layers of ten units, relu."""

from shared_figures import between, moons, near, show

from skarma import MLPClassifier


def run(activation="relu"):
    X_train, y_train, X_test, y_test = moons()
    network = MLPClassifier((10, 10, 10), activation, solver="lbfgs", random_state=0)
    network.fit(X_train, y_train)
    expected = 73 / 75 if activation == "relu" else 1.0
    yield near("train accuracy", network.score(X_train, y_train), expected, 1e-12)
    yield between("test accuracy", network.score(X_test, y_test), 0.76, 0.96)


if __name__ == "__main__":
    show(run())
