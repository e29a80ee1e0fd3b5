"""
Exclusive or with a hidden layer
================================

What a perceptron cannot do, two layers can.
"""

import matplotlib.pyplot as plt

from skarma import demos

network = demos.xor_network()
print("accuracy", network.accuracy)
network.plot()
plt.show()
