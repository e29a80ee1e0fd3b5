"""
A line by descent
=================

Slope and intercept from a start, step by step down the mean squared error.
"""

import matplotlib.pyplot as plt
import numpy as np

from skarma import demos

random = np.random.RandomState(0)
x = random.uniform(size=60)
y = 2 * x + 1 + 0.15 * random.standard_normal(60)
fit = demos.line_fit(x, y, learning_rate=0.3, max_steps=200)
slope, intercept = fit.path.points[-1]
print(f"slope {slope:.3f}, intercept {intercept:.3f} after {fit.path.n_steps} steps")
fit.plot()
plt.show()
