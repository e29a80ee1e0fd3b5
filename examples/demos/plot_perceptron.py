"""
Rosenblatt's perceptron
=======================

Its rule moves a line after each mistake, and ends where two classes can be separated by one.
"""

import matplotlib.pyplot as plt

from skarma import demos

learnt = demos.perceptron(demos.CORNERS, [0, 0, 0, 1])
print("and: mistakes by epoch", learnt.n_mistakes)
learnt.plot()
plt.show()

# %%
# Exclusive or cannot be separated by a line.
never = demos.perceptron(demos.CORNERS, demos.XOR, max_epochs=1000)
print("xor: fewest mistakes in 1000 epochs:", never.n_mistakes.min())
