"""
What the first layer looks for
==============================

The weights of sixteen hidden units, as images of the digits that they read.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

from skarma import MLPClassifier

X, y = load_digits(return_X_y=True)
network = MLPClassifier((16,), alpha=1.0, solver="lbfgs", max_iter=500, random_state=0)
network.fit(X / 16, y)

weights = network.coefs_[0]
largest = abs(weights).max()
figure, all_axes = plt.subplots(2, 8, figsize=(8, 2.2), layout="constrained")
for axes, unit in zip(all_axes.flat, weights.T, strict=True):
    axes.imshow(unit.reshape(8, 8), cmap="RdBu", vmin=-largest, vmax=largest)
    axes.set_axis_off()
plt.show()
