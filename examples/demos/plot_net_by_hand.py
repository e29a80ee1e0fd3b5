"""
A network trained by hand
=========================

Two inputs, two hidden units, one output, with every derivative written out.
"""

import matplotlib.pyplot as plt

from skarma import demos

network = demos.net_by_hand()
print(f"{network.n_parameters} parameters, outputs for four people:")
print(network.predict(demos.PEOPLE).round(2))
network.plot()
plt.show()
