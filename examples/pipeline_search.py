"""
A search behind a scaler
========================

How much penalty does a network need? A grid search over alpha, drawn as a picture.

``python examples/pipeline_search.py alpha.png``
"""

import argparse

import matplotlib
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV

matplotlib.use("Agg")  # a file, no window
import matplotlib.pyplot as plt  # noqa: E402


def search_over_alpha(alphas):
    X, y = load_breast_cancer(return_X_y=True)
    mlp = MLPClassifier((50,), solver="lbfgs", max_iter=5000, random_state=1)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), mlp),
        {"mlpclassifier__alpha": alphas},
        cv=5,
        n_jobs=2,
        return_train_score=True,
    )
    return search.fit(X, y)


def draw(search, alphas, file):
    results = search.cv_results_
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for part, name, colour in (
        ("train", "training folds", "tab:orange"),
        ("test", "held-out fold", "tab:blue"),
    ):
        mean, std = results[f"mean_{part}_score"], results[f"std_{part}_score"]
        axes.plot(alphas, mean, "o-", color=colour, label=name)
        axes.fill_between(alphas, mean - std, mean + std, color=colour, alpha=0.25, linewidth=0)
    best = search.best_params_["mlpclassifier__alpha"]
    axes.axvline(best, color="0.4", linestyle="--", linewidth=1, label=f"best: alpha = {best:g}")
    axes.set(
        xscale="log",
        xlabel="alpha (penalty of the weights)",
        ylabel="accuracy",
        title="Breast cancer, five folds: mean, and a band of one standard deviation",
    )
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    figure.savefig(file, format="png", dpi=150)


def main():
    parser = argparse.ArgumentParser(description="Search over alpha and draw it.")
    parser.add_argument("picture", help="the PNG file to write")
    alphas = np.logspace(-3, 3, 7)
    with open(parser.parse_args().picture, "wb") as picture:
        search = search_over_alpha(alphas)
        draw(search, alphas, picture)
    print(f"best alpha {search.best_params_['mlpclassifier__alpha']:g}", end=", ")
    print(f"mean test accuracy {search.best_score_:.4f}, search path {search.search_path_}")


if __name__ == "__main__":
    main()
