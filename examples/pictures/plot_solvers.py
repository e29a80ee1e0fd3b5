"""
Solvers over the epochs
=======================

The loss of digits, epoch by epoch, for update rules with the same rate.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

from skarma import MLPClassifier

X, y = load_digits(return_X_y=True)
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
for solver in ("sgd", "adam", "rmsprop", "adagrad", "nadam"):
    network = MLPClassifier(
        (50,), solver=solver, learning_rate_init=0.003, max_iter=30, tol=0.0, random_state=0
    )
    history = network.set_params(n_iter_no_change=30).fit(X / 16, y).history_
    axes.plot(range(1, history.n_epochs + 1), history["loss"], label=solver)
axes.set(xlabel="epoch", ylabel="loss", yscale="log")
axes.grid(alpha=0.3)
axes.legend()
plt.show()
