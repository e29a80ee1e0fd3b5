"""
E02: Two moons, nine starts side by side
========================================

Nine starts of one network on two moons; a penalty makes them all the same.
"""

import numpy as np
from shared_figures import between, moons, near, report
from shared_pictures import boundary, places

from skarma import MLPClassifier


def scores(**settings):
    X_train, y_train, X_test, y_test = moons()
    networks = [
        MLPClassifier(solver="lbfgs", random_state=seed, **settings).fit(X_train, y_train)
        for seed in range(9)
    ]
    train, test = (
        [network.score(X, y) for network in networks]
        for X, y in ((X_train, y_train), (X_test, y_test))
    )
    return train, test


def run():
    train, test = scores()
    yield between("least train accuracy", min(train), 0.97)
    yield between("mean test accuracy", np.mean(test), 0.84, 0.92)
    train, test = scores(alpha=0.1)
    for name, values, expected in (("train", train, 71 / 75), ("test", test, 0.88)):
        yield near(f"least {name} accuracy, alpha=0.1", min(values), expected, 1e-12)
        yield near(f"largest {name} accuracy, alpha=0.1", max(values), expected, 1e-12)


def picture():
    X_train, y_train, _, _ = moons()
    all_axes = places(3, 3, (8, 6))
    for seed, axes in enumerate(all_axes.flat):
        network = MLPClassifier(solver="lbfgs", random_state=seed).fit(X_train, y_train)
        boundary(axes, network, X_train, y_train, title=f"random_state={seed}")
    return all_axes


if __name__ == "__main__":
    report(run, picture)
