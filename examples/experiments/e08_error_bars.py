"""
E08: Grid search over alpha, with error bars
============================================

The spread of the folds in the search of E07, and the model that it keeps.
"""

import numpy as np
from shared_figures import between, cancer, near, report
from shared_pictures import places
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV

ALPHAS = np.logspace(-3, 3, 7)


def search_over_alpha():
    X_train, y_train, X_test, y_test = cancer()
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(solver="lbfgs", random_state=1))
    grid = {"mlpclassifier__alpha": ALPHAS}
    return GridSearchCV(pipeline, grid, cv=5).fit(X_train, y_train), X_test, y_test


def run():
    search, X_test, y_test = search_over_alpha()
    spread = search.cv_results_["std_test_score"]
    for alpha, value, expected in zip((10, 100, 1000), spread[4:], (0.0119, 0.0340, 0.0046),
                                      strict=True):  # fmt: skip
        yield near(f"deviation of the folds, alpha={alpha}", value, expected, 5e-5)
    yield between("largest deviation, alpha below 10", spread[:4].max(), 0.005, 0.02)
    yield near("best alpha", search.best_params_["mlpclassifier__alpha"], 10)
    yield near("test accuracy of the best", search.score(X_test, y_test), 137 / 143, 1e-12)


def picture():
    results = search_over_alpha()[0].cv_results_
    axes = places()
    mean, std = results["mean_test_score"], results["std_test_score"]
    axes.errorbar(ALPHAS, mean, std, marker="o", capsize=4)
    axes.set(xscale="log", xlabel="alpha", ylabel="accuracy of the held-out fold")
    return axes


if __name__ == "__main__":
    report(run, picture)
