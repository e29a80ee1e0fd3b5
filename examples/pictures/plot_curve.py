"""
A curve and its quantiles
=========================

A regression with the loss ``"quantile"``: the median, and where nine in ten samples lie.
"""

import matplotlib.pyplot as plt
import numpy as np

from skarma import MLPRegressor

random = np.random.RandomState(0)
x = np.sort(random.uniform(-3, 3, 400))
y = np.sin(2 * x) + 0.1 * (1 + np.abs(x)) * random.standard_normal(400)

network = MLPRegressor(
    loss="quantile",
    quantile=[0.05, 0.5, 0.95],
    hidden_layer_sizes=(40,),
    activation="tanh",
    learning_rate_init=0.01,
    max_iter=1500,
    random_state=0,
)
low, median, high = network.fit(x[:, None], y).predict(x[:, None]).T

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.plot(x, y, ".", color="0.6", markersize=3, label="samples")
axes.fill_between(x, low, high, alpha=0.25, label="5 % to 95 %")
axes.plot(x, median, label="median")
axes.set(xlabel="x", ylabel="y")
axes.legend()
plt.show()
