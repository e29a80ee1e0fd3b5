"""E13: inputs must be scaled."""

import numpy as np
from shared_figures import cancer, near, show
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV

WITH = [0.9812, 0.9812, 0.9766, 0.9789, 0.9836, 0.9391, 0.6268]
WITHOUT = [0.9437, 0.946, 0.9507, 0.9436, 0.9413, 0.9131, 0.7364]


def run():
    X, y, _, _ = cancer()
    network = MLPClassifier(solver="lbfgs", random_state=1)
    for name, estimator, prefix, expected, tolerance in (
        ("scaled", make_pipeline(StandardScaler(), network), "mlpclassifier__", WITH, 0.012),
        ("as they are", network, "", WITHOUT, 0.035),
    ):
        grid = {f"{prefix}alpha": np.logspace(-3, 3, 7)}
        scores = GridSearchCV(estimator, grid, cv=5).fit(X, y).cv_results_["mean_test_score"]
        yield near(f"best test accuracy, {name}", scores.max(), max(expected), tolerance)
        yield near(f"mean test accuracy, {name}", scores.mean(), np.mean(expected), tolerance)


if __name__ == "__main__":
    show(run())
