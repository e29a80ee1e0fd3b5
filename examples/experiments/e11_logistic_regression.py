"""
E11: Logistic regression as a network
=====================================

A network without a hidden layer is logistic regression, alpha being 1 / C.
"""

import numpy as np
from shared_figures import between, cancer, near, report
from shared_pictures import beside, places
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skarma import MLPClassifier


def fitted():
    X_train, y_train, X_test, y_test = cancer()
    scaler = StandardScaler().fit(X_train)
    X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
    network = MLPClassifier((), solver="lbfgs", alpha=1.0, tol=1e-10, max_iter=1000)
    network.set_params(random_state=0).fit(X_train, y_train)
    regression = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(X_train, y_train)
    return network, regression, X_test, y_test


def run():
    network, regression, X_test, y_test = fitted()
    difference = np.abs(network.coefs_[0][:, 0] - regression.coef_[0]).max()
    yield between("largest difference of a coefficient", difference, 0, 1e-3)
    yield near("intercept", network.intercepts_[0][0], 0.3312, 3e-4)
    yield near("test accuracy", network.score(X_test, y_test), 137 / 143, 1e-12)


def picture():
    network, regression, _, _ = fitted()
    return beside(places(), regression.coef_, network.coefs_[0],
                  xlabel="coefficient of LogisticRegression", ylabel="of the network")  # fmt: skip


if __name__ == "__main__":
    report(run, picture)
