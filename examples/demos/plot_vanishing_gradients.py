"""
Vanishing gradients
===================

The root mean square of the gradient in each layer of a deep network, before it has learnt.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

from skarma import demos

X, y = load_digits(return_X_y=True)
activations = ["logistic", "tanh", "relu"]
figures = demos.vanishing_gradients(X / 16, y, activations)
for activation, ratio in zip(activations, figures.ratios, strict=True):
    print(f"{activation:8} last layer / first layer {ratio:8.1f}")
figures.plot()
plt.show()
