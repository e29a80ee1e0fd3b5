"""
When to stop
============

The loss of samples that are not learnt from goes up again while that of the others still falls.
``ModelCheckpoint`` keeps the network of the best epoch.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import make_moons

from skarma import MLPClassifier
from skarma.callbacks import ModelCheckpoint

X, y = make_moons(n_samples=120, noise=0.3, random_state=1)
X_val, y_val = make_moons(n_samples=300, noise=0.3, random_state=2)

best = ModelCheckpoint(monitor="validation_loss", restore_best=True)
network = MLPClassifier(
    (200, 100),
    learning_rate_init=0.005,
    max_iter=150,
    tol=0.0,
    n_iter_no_change=150,
    random_state=0,
)
network.fit(X, y, X_val=X_val, y_val=y_val, callbacks=[best])

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
network.history_.plot("loss", "validation_loss", ax=axes)
axes.axvline(best.best_epoch_, color="0.4", linestyle="--", label="best epoch")
axes.set_ylabel("loss")
axes.legend()
plt.show()
