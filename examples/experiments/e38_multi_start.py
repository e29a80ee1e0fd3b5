"""
E38: Several starts
===================

Several random starts, of which the one with the lowest training loss is kept.

Forty iterations, since the digits of longer ones depend on rounding.
"""

from shared_figures import between, moons, near, report
from shared_pictures import bars, places

from skarma import MLPClassifier


def run():
    X_train, y_train, X_test, y_test = moons()
    one = MLPClassifier(solver="lbfgs", max_iter=40, random_state=3).fit(X_train, y_train)
    best = MLPClassifier(solver="lbfgs", max_iter=40, random_state=3, n_init=9)
    best.fit(X_train, y_train)
    yield near("loss of one start", one.loss_, 0.069638, 1e-5)
    yield near("lowest loss of nine starts", best.loss_, 0.040304, 1e-5)
    yield between("its test accuracy", best.score(X_test, y_test), 0.84, 0.92)


def picture():
    X, y, _, _ = moons()
    settings = {"solver": "lbfgs", "max_iter": 40}
    losses = {
        f"random_state={seed}": MLPClassifier(**settings, random_state=seed).fit(X, y).loss_
        for seed in range(9)
    }
    losses["n_init=9"] = MLPClassifier(**settings, random_state=3, n_init=9).fit(X, y).loss_
    return bars(places(), losses, xlabel="training loss")


if __name__ == "__main__":
    report(run, picture)
