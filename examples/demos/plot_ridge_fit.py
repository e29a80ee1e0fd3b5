"""
Ridge regression, solved and descended
======================================

Gradient descent comes to the weights of the closed form.
"""

import matplotlib.pyplot as plt
import numpy as np

from skarma import demos

random = np.random.RandomState(0)
X = random.standard_normal((50, 5))
y = X @ random.standard_normal(5) + 0.1 * random.standard_normal(50)
fit = demos.ridge_fit(X, y, penalty=0.1, max_steps=40)
print("closed form", fit.closed_form.round(3))
print("descent    ", fit.path.points[-1].round(3))
fit.plot()
plt.show()
