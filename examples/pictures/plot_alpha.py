"""
How much penalty?
=================

A grid search over ``alpha``: the mean of the folds, and a band of one standard deviation.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV

X, y = load_breast_cancer(return_X_y=True)
alphas = np.logspace(-3, 3, 7)
network = MLPClassifier((50,), solver="lbfgs", max_iter=5000, random_state=1)
search = GridSearchCV(
    make_pipeline(StandardScaler(), network),
    {"mlpclassifier__alpha": alphas},
    n_jobs=2,
    return_train_score=True,
).fit(X, y)

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
for part, name in (("train", "training folds"), ("test", "held-out fold")):
    mean, std = (search.cv_results_[f"{what}_{part}_score"] for what in ("mean", "std"))
    axes.plot(alphas, mean, "o-", label=name)
    axes.fill_between(alphas, mean - std, mean + std, alpha=0.25)
axes.set(xscale="log", xlabel="alpha", ylabel="accuracy")
axes.grid(alpha=0.3)
axes.legend(loc="lower left")
plt.show()
