"""
E09: Grid search over hidden layer sizes
========================================

A grid search over hidden layer sizes; here without those of 500 units.
"""

from shared_figures import cancer, near, report
from shared_pictures import places
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV

EXPECTED = {(10,): 0.9672, (50,): 0.9789, (100,): 0.9812, (10, 10): 0.9578, (50, 50): 0.9742}


def search_over_sizes():
    X, y, _, _ = cancer()
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(solver="lbfgs", random_state=1))
    grid = {"mlpclassifier__hidden_layer_sizes": list(EXPECTED)}
    return GridSearchCV(pipeline, grid, cv=5).fit(X, y)


def run():
    scores = search_over_sizes().cv_results_["mean_test_score"]
    for (sizes, expected), score in zip(EXPECTED.items(), scores, strict=True):
        yield near(f"test accuracy, {sizes}", score, expected, 0.012)


def picture():
    results = search_over_sizes().cv_results_
    mean, std = results["mean_test_score"], results["std_test_score"]
    axes = places()
    axes.errorbar([str(sizes) for sizes in EXPECTED], mean, std, fmt="o", capsize=4)
    axes.set(xlabel="hidden layer sizes", ylabel="accuracy of the held-out fold")
    return axes


if __name__ == "__main__":
    report(run, picture)
