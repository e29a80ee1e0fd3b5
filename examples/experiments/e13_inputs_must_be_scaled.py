"""
E13: Inputs must be scaled
==========================

Inputs must be scaled.
"""

import numpy as np
from shared_figures import cancer, near, report
from shared_pictures import places
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV

ALPHAS = np.logspace(-3, 3, 7)
WITH = [0.9812, 0.9812, 0.9766, 0.9789, 0.9836, 0.9391, 0.6268]
WITHOUT = [0.9437, 0.946, 0.9507, 0.9436, 0.9413, 0.9131, 0.7364]


def searches():
    """How it is called, accuracies by alpha, the lecture's, and how near they are expected."""
    X, y, _, _ = cancer()
    network = MLPClassifier(solver="lbfgs", random_state=1)
    for name, estimator, prefix, expected, tolerance in (
        ("scaled", make_pipeline(StandardScaler(), network), "mlpclassifier__", WITH, 0.012),
        ("as they are", network, "", WITHOUT, 0.035),
    ):
        search = GridSearchCV(estimator, {f"{prefix}alpha": ALPHAS}, cv=5).fit(X, y)
        yield name, search.cv_results_["mean_test_score"], expected, tolerance


def run():
    for name, scores, expected, tolerance in searches():
        yield near(f"best test accuracy, {name}", scores.max(), max(expected), tolerance)
        yield near(f"mean test accuracy, {name}", scores.mean(), np.mean(expected), tolerance)


def picture():
    axes = places()
    for name, scores, _, _ in searches():
        axes.plot(ALPHAS, scores, "o-", label=f"inputs {name}")
    axes.set(xscale="log", xlabel="alpha", ylabel="accuracy of the held-out fold")
    axes.legend()
    return axes


if __name__ == "__main__":
    report(run, picture)
