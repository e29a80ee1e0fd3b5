"""
Max pooling
===========

The largest of each window stays, and the gradient goes back to it alone.
"""

import matplotlib.pyplot as plt

from skarma import demos

pooling = demos.max_pool([[12, 20, 30, 0], [8, 12, 2, 0], [34, 70, 37, 4], [112, 100, 25, 12]])
print(pooling.pooled)
print(pooling.backward([[1, 2], [3, 4]]))
pooling.plot()
plt.show()
