"""E38: several random starts, of which the one with the lowest training loss is kept."""

from shared_figures import between, moons, show

from skarma import MLPClassifier


def run():
    X_train, y_train, X_test, y_test = moons()
    one = MLPClassifier(solver="lbfgs", random_state=3).fit(X_train, y_train)
    best = MLPClassifier(solver="lbfgs", random_state=3, n_init=9).fit(X_train, y_train)
    yield between("loss of one start", one.loss_, 0.01, 0.04)
    yield between("lowest loss of nine starts", best.loss_, 0.001, one.loss_ / 2)
    yield between("its test accuracy", best.score(X_test, y_test), 0.8, 0.96)


if __name__ == "__main__":
    show(run())
