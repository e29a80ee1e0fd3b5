"""E11: a network without a hidden layer is logistic regression, alpha being 1 / C."""

import numpy as np
from shared_figures import between, cancer, near, show
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skarma import MLPClassifier


def run():
    X_train, y_train, X_test, y_test = cancer()
    scaler = StandardScaler().fit(X_train)
    X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
    network = MLPClassifier((), solver="lbfgs", alpha=1.0, tol=1e-10, max_iter=1000)
    network.set_params(random_state=0).fit(X_train, y_train)
    regression = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(X_train, y_train)
    difference = np.abs(network.coefs_[0][:, 0] - regression.coef_[0]).max()
    yield between("largest difference of a coefficient", difference, 0, 1e-3)
    yield near("intercept", network.intercepts_[0][0], 0.3312, 3e-4)
    yield near("test accuracy", network.score(X_test, y_test), 137 / 143, 1e-12)


if __name__ == "__main__":
    show(run())
