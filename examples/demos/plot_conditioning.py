"""
Conditioning and step sizes
===========================

On a quadratic the eigenvalues say which learning rates come to the minimum, and how fast.
"""

import matplotlib.pyplot as plt

from skarma import demos

figures = demos.conditioning([[1, 0], [0, 20]])
print(f"condition number {figures.condition_number:g}")
print(f"best learning rate {figures.best_rate:.3g}, largest {figures.largest_rate:.3g}")
figures.plot()
plt.show()
