"""
E07: Grid search over alpha
===========================

A grid search over alpha, whose table the lecture prints.

scikit-learn cut folds otherwise then, and weighted their mean by their size: with those folds all
14 figures come out.
"""

import numpy as np
from shared_figures import between, cancer, near, report
from shared_pictures import curves, places
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV

ALPHAS = np.logspace(-3, 3, 7)
TEST = [0.978873, 0.981221, 0.971831, 0.978873, 0.983568, 0.938967, 0.626761]
TRAIN = [1.0, 1.0, 1.0, 0.999412, 0.990612, 0.945427, 0.626761]


def folds_of_that_time(y, n=5):
    """Each class in its order is cut into five blocks; block i of every class makes fold i."""
    fold = np.empty(len(y), int)
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        fold[rows] = np.repeat(np.arange(n), [len(part) for part in np.array_split(rows, n)])
    return [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(n)]


def accuracies(X, y):
    """Of the folds that are held out, and of those that it learns from, by alpha."""
    folds = folds_of_that_time(y)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(solver="lbfgs", random_state=1))
    search = GridSearchCV(
        pipeline, {"mlpclassifier__alpha": ALPHAS}, cv=folds, return_train_score=True, refit=False
    ).fit(X, y)
    scores = np.array([search.cv_results_[f"split{i}_test_score"] for i in range(5)])
    sizes = [len(test) for _, test in folds]
    test = np.average(scores, axis=0, weights=sizes)
    return test, search.cv_results_["mean_train_score"]


def run():
    test, train = accuracies(*cancer()[:2])
    for i, alpha in enumerate(ALPHAS):
        names = [
            f"{kind} accuracy, alpha={alpha:g}, printed {printed:.6f}"
            for kind, printed in (("test", TEST[i]), ("train", TRAIN[i]))
        ]
        if alpha >= 10:  # the minimum depends on no start and on no line search
            yield near(names[0], test[i], TEST[i], 1e-6)
            yield near(names[1], train[i], TRAIN[i], 1e-6)
        else:
            yield between(names[0], test[i], 0.967, 0.984)
            yield between(names[1], train[i], 0.998, 1.0)


def picture():
    test, train = accuracies(*cancer()[:2])
    axes = curves(places(), {"training folds": train, "held-out fold": test}, ALPHAS, "o")
    axes.set(xscale="log", xlabel="alpha", ylabel="accuracy")
    return axes


if __name__ == "__main__":
    report(run, picture)
