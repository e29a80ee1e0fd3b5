"""
Where two moons are cut
=======================

A network draws a line between two classes. The penalty ``alpha`` says how much the line may bend.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

from skarma import MLPClassifier

X, y = make_moons(n_samples=200, noise=0.25, random_state=0)
grid = np.stack(np.meshgrid(np.linspace(-2, 3, 150), np.linspace(-1.5, 2, 150)), axis=-1)

figure, all_axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True, layout="constrained")
for axes, alpha in zip(all_axes, (1e-4, 1.0, 30.0), strict=True):
    network = MLPClassifier((30, 30), solver="lbfgs", alpha=alpha, max_iter=2000, random_state=0)
    network.fit(X, y)
    probability = network.predict_proba(grid.reshape(-1, 2))[:, 1].reshape(grid.shape[:2])
    axes.contourf(grid[..., 0], grid[..., 1], probability, levels=20, cmap="RdBu", alpha=0.7)
    axes.scatter(*X.T, c=y, cmap="RdBu", edgecolor="black", linewidth=0.5, s=20)
    axes.set(title=f"alpha = {alpha:g}", xlabel="first feature")
all_axes[0].set_ylabel("second feature")
plt.show()
